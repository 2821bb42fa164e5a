/**
 * Runs the examples of docs/guide/templates.md. Under one heading, `html NAME` blocks are files, and a `js` block has the
 * variables of the last file. `text output` or `text error` is its result; `text printed` is the output of a `ts` block.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DictLoader } from 'gale';

interface CodeBlock {
  readonly info: string;
  readonly code: string;
}

const page = readFileSync(new URL('../../docs/guide/templates.md', import.meta.url), 'utf8');

/** The code blocks of each heading. */
const sections = page.split(/^## /m).map((section) => ({
  title: section.slice(0, section.indexOf('\n')).replace('# ', ''),
  blocks: [...section.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, info = '', code = '']): CodeBlock => ({
    info,
    code: code.slice(0, -1),
  })),
}));

const outputs = sections.flatMap(({ blocks }) => blocks).filter(({ info }) => info.startsWith('text '));

test('every example of the page has its result', () => {
  const languages = new Set(sections.flatMap(({ blocks }) => blocks.map(({ info }) => info.split(' ')[0])));
  assert.deepEqual([...languages].sort(), ['html', 'js', 'text', 'ts']);
  assert.ok(outputs.length >= 12);
});

for (const { title, blocks } of sections) {
  const files: Record<string, string> = {};
  let last = '';
  let script = '';
  for (const { info, code } of blocks) {
    const [language, word = ''] = info.split(' ');
    if (language === 'html') {
      files[word] = code;
      last = word;
    } else if (language === 'text') {
      const [name, source, texts] = [last, script, { ...files }];
      test(`templates.md, ${title}: ${word} ${name}`, () => {
        assert.equal(word === 'printed' ? run(source) : generate(texts, name, source, word), code);
      });
    } else script = code;
  }
}

/** The output without empty lines: a line with only directives leaves an empty line, which the page omits. */
function generate(files: Record<string, string>, name: string, names: string, word: string): string {
  try {
    const namespace = evaluate(`return (${names});`, {}) as object;
    const output = new DictLoader(files).load(name).generate(namespace);
    assert.equal(word, 'output');
    return output.replace(/\n\s*\n/g, '\n').replace(/^\n|\n$/g, '');
  } catch (error) {
    if (word !== 'error') throw error;
    return (error as Error).message;
  }
}

/** Runs a module that imports only from 'gale', and returns what it printed. */
function run(source: string): string {
  const printed: string[] = [];
  const body = source.replace("import { DictLoader } from 'gale';", '');
  assert.notEqual(body, source);
  evaluate(body, { DictLoader, console: { log: (line: string) => printed.push(line) } });
  return printed.join('\n');
}

function evaluate(body: string, names: Readonly<Record<string, unknown>>): unknown {
  // The text is this repository's own documentation.
  // oxlint-disable-next-line typescript/no-implied-eval
  return (new Function(...Object.keys(names), body) as (...values: unknown[]) => unknown)(...Object.values(names));
}
