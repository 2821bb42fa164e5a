/**
 * `npm run bench -- http [--work=hello,json] [--only=gale,floor] [--rounds=5] [--seconds=3] [--save]`: measures and prints
 * a table for each work; with `--save` each is written to benchmarks/results/ with the machine and the versions.
 */
import { defineOptions, GaleError } from 'gale';
import { contestants, presenceOf } from './contestants.ts';
import { measureHttp } from './http.ts';
import { httpWorks } from './http-works.ts';
import { saveResult } from './result-page.ts';
import { disturbanceOf, tableOf } from './table.ts';

const options = defineOptions({
  work: { type: 'text', default: 'all', help: `Works, by comma: ${httpWorks.map(({ name }) => name).join(', ')}` },
  only: { type: 'text', default: 'all', help: `Servers, by comma: ${contestants.map(({ name }) => name).join(', ')}` },
  rounds: { type: 'integer', default: 5, min: 1, help: 'How often every server is measured' },
  seconds: { type: 'integer', default: 3, min: 1, help: 'Seconds of load for each measurement' },
  save: { type: 'switch', default: false, help: 'Write the tables to benchmarks/results/' },
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  // Wrong words on the command line need no stack.
  console.error(error instanceof GaleError ? error.message : error);
  process.exitCode = 1;
}

async function run([name, ...words]: readonly string[]): Promise<void> {
  if (name !== 'http' || words.includes('--help')) {
    console.log(options.help('npm run bench -- http [options]'));
    process.exitCode = name === 'http' ? 0 : 1;
    return;
  }
  const { work: workNames, only, save, rounds, seconds } = options.parse(words);
  const works = named('work', httpWorks, workNames);
  const presence = await presenceOf(named('only', contestants, only));
  for (const { name: missing, installation } of presence.missing) {
    console.error(`${missing} is not here and is left out; to have it: ${installation}`);
  }
  const command = ['npm run bench --', name, ...words].join(' ');
  for (const work of works) {
    // Memory is noisier than time, and a round of it is short.
    const settings = { seconds, rounds: work.kind === 'idle' ? rounds * 3 : rounds };
    const figures = await measureHttp(presence.present, work, settings, (server, round) => {
      console.error(`${work.name}, round ${round} of ${settings.rounds}: ${server}`);
    });
    const table = [tableOf(work, figures), disturbanceOf(work, figures)].join('\n\n').trimEnd();
    console.log(`\n${work.name}: ${work.title}\n\n${table}\n`);
    if (save) await saveResult({ work, table, presence, settings, command });
  }
}

/** The members of `all` that a list of names asks for, in their own order. */
function named<Named extends { readonly name: string }>(
  option: string,
  all: readonly Named[],
  list: string,
): readonly Named[] {
  if (list === 'all') return all;
  const names = list.split(',');
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ');
    throw new GaleError('OPTION_VALUE', `--${option} names "${unknown}"; there are ${known}.`);
  }
  return all.filter(({ name }) => names.includes(name));
}
