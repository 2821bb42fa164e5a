/**
 * `npm run bench -- table`: a table of 1,000 rows with four escaped cells each, rendered by Gale, Eta and Tornado's own templates. Gale and
 * Eta run in this process, Tornado in its own. All must render the same text.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { defineOptions, DictLoader } from 'gale';
import { galeVersion, node, python, tornadoVersion, versionOf, withNpm } from '../installed.ts';
import { named } from '../named.ts';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly note: string;
}

/** Some cells have characters that must be escaped. */
const rows: readonly Row[] = Array.from({ length: 1_000 }, (_, index) => ({
  id: index,
  name: `Article number ${index}`,
  price: index * 7,
  note: index % 4 === 0 ? `<b>"new" & cheap</b> ${index}` : `from stock, shelf ${index % 17}`,
}));

interface Measurement {
  readonly text: string;
  /** CPU of one rendering, in microseconds. */
  readonly micros: number;
}

interface Renderer {
  readonly name: string;
  readonly version: string;
  readonly measure: (seconds: number) => Promise<Measurement>;
  close?(): void;
}

/** Measures, prints the table and, with `--save`, writes it to results/. */
export async function runTableBenchmark(words: readonly string[]): Promise<void> {
  const options = defineOptions(
    {
      only: { type: 'text', default: 'all', help: 'Separated by commas: gale, eta, tornado' },
      rounds: { type: 'integer', default: 7, min: 1, help: 'Measurements of each' },
      seconds: { type: 'integer', default: 1, min: 1, help: 'Seconds of each measurement' },
      save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
    },
    'npm run bench -- table [options]',
  );
  const { only, rounds, seconds, save } = options.parse(words);
  const renderers = named('only', await installedRenderers(), only);
  const micros = renderers.map((): number[] => []);
  try {
    for (const renderer of renderers) await renderer.measure(seconds);
    for (let round = 0; round < rounds; round += 1) {
      const texts = new Set<string>();
      for (const [index, renderer] of renderers.entries()) {
        const measured = await renderer.measure(seconds);
        micros[index]?.push(measured.micros);
        texts.add(measured.text);
      }
      if (texts.size > 1) throw new Error('The renderers do not render the same text.');
    }
  } finally {
    for (const renderer of renderers) renderer.close?.();
  }
  const gale = micros[0] ?? [];
  const table = linesOf(
    ['', 'CPU µs per table', '× gale'],
    renderers.map(({ name }, index) => {
      const own = micros[index] ?? [];
      return [
        name,
        spreadText(own, 0),
        spreadText(
          own.map((value, round) => value / (gale[round] ?? Number.NaN)),
          2,
        ),
      ];
    }),
  );
  console.log(`\ntable: 1,000 rows with four escaped cells\n\n${table}\n`);
  if (!save) return;
  const page = `# Templates: a table of 1,000 rows

${machineText()}; ${rounds} interleaved rounds; medians (least–greatest); ratios are computed within each round. Four escaped cells a row; all
render the same text.

${table}

${renderers.map(({ name, version }) => `- ${name}: ${version}`).join('\n')}

Command: \`${['npm run bench -- table', ...words].join(' ')}\`; [method](../README.md).
`;
  await writeFile(new URL('../results/template-table.md', import.meta.url), page);
}

async function installedRenderers(): Promise<Renderer[]> {
  const renderers: Renderer[] = [
    { name: 'gale', version: `${await galeVersion()}, ${node}`, measure: inProcess(galeTable()) },
  ];
  const eta = await versionOf('eta').catch(() => undefined);
  if (eta === undefined) console.error(`eta is not installed and is skipped; to install it: ${withNpm}`);
  else renderers.push({ name: 'eta', version: `${eta}, ${node}`, measure: inProcess(etaTable()) });
  const tornado = await tornadoVersion().catch(() => undefined);
  if (tornado === undefined) {
    console.error('tornado is not installed and is skipped; to install it: apt-get install python3-tornado');
  } else renderers.push(tornadoTable(tornado));
  return renderers;
}

function galeTable(): () => string {
  const text =
    '<table>{% for row of rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td>' +
    '<td>{{ row.price }}</td><td>{{ row.note }}</td></tr>{% end %}</table>';
  const template = new DictLoader({ 'table.html': text }).load('table.html');
  return () => template.generate({ rows });
}

function etaTable(): () => string {
  const { Eta } = createRequire(new URL('../rivals/', import.meta.url))('eta') as {
    readonly Eta: new () => {
      compile(text: string): unknown;
      render(template: unknown, data: object): string;
    };
  };
  const eta = new Eta();
  const template = eta.compile(
    '<table><% for (const row of it.rows) { %><tr><td><%= row.id %></td><td><%= row.name %></td>' +
      '<td><%= row.price %></td><td><%= row.note %></td></tr><% } %></table>',
  );
  return () => eta.render(template, { rows });
}

/** Renders in this process again and again. */
function inProcess(render: () => string): (seconds: number) => Promise<Measurement> {
  return (seconds) => {
    const usage = process.cpuUsage();
    const endsAt = performance.now() + seconds * 1_000;
    let text = '';
    let count = 0;
    for (; performance.now() < endsAt; count += 1) text = render();
    const { user, system } = process.cpuUsage(usage);
    return Promise.resolve({ text, micros: (user + system) / count });
  };
}

/** A process that renders for each line that it reads, and ends with its input. */
function tornadoTable(version: string): Renderer {
  const program = fileURLToPath(new URL('../rivals/tornado-table.py', import.meta.url));
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  return {
    name: 'tornado',
    version,
    async measure(seconds) {
      const next = once(lines, 'line');
      child.stdin.write(`${JSON.stringify({ rows, seconds })}\n`);
      const [line] = (await next) as [string];
      return JSON.parse(line) as Measurement;
    },
    close: () => void child.stdin.end(),
  };
}
