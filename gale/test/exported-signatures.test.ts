/** Whoever uses an exported name can also import the types in its signature. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { readExportedNames } from '../../docs/exported-names.ts';
import { root } from './support/repository.ts';

const run = promisify(execFile);

/** The declaration of `name` in the text of a .d.ts file, without comments. */
function declarationOf(text: string, name: string): string {
  const start = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) ${name}\\b`,
    'm',
  );
  const from = start.exec(text)?.index;
  assert.ok(from !== undefined, `${name} has no declaration`);
  const rest = text.slice(from);
  // The next statement begins with a letter at the start of a line.
  const end = /\n(?=[a-z])/.exec(rest)?.index ?? rest.length;
  return rest.slice(0, end);
}

/** Parts of computed types. Nobody writes them. */
const partsOfTypes = new Set([
  'AnyFunctionHandler',
  'ArgumentsBelow',
  'At',
  'CheckedInit',
  'DefaultedSetting',
  'EachChecked',
  'EachInGroup',
  'FromBothEnds',
  'GroupedOptions',
  'GroupedRoute',
  'InitOf',
  'ItemNamed',
  'NameOf',
  'ParamNames',
  'ParamPositions',
  'RouteHints',
  'UncheckedRoute',
  'VerbProblem',
]);

/** Names in the signature of a declaration, without those after `implements`. */
function namesInSignature(declaration: string): Set<string> {
  const signature = declaration.replace(/ implements [^{]+/, ' ');
  // Literal types contain no names.
  const code = signature.replaceAll(/'[^'\n]*'|"[^"\n]*"/g, '');
  return new Set(code.match(/\b[A-Z]\w*\b/g));
}

/** Names that a .d.ts file declares or imports from other files of the package. */
function packageNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, name = ''] of text.matchAll(
    /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type) (\w+)/gm,
  )) {
    names.add(name);
  }
  for (const [, list = ''] of text.matchAll(/^import (?:type )?\{([^}]*)\} from '\.[^']*';$/gm)) {
    for (const part of list.split(',')) {
      const name = part
        .trim()
        .replace(/^type /, '')
        .split(' as ')
        .at(-1);
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

test('the types in the signature of every exported name are exported too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-declarations-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const words = ['-p', join(root, 'gale/tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', folder];
  await run(join(root, 'node_modules/.bin/tsc'), [...words, '--removeComments', 'true']);
  const exported = await readExportedNames();
  const known = new Set(exported.map(({ name }) => name));
  const missing = new Set<string>();
  for (const { name, original, file } of exported) {
    const path = posix.relative('gale/src', file).replace(/\.ts$/, '.d.ts');
    const text = await readFile(join(folder, path), 'utf8');
    const ofPackage = packageNames(text);
    for (const used of namesInSignature(declarationOf(text, original))) {
      if (ofPackage.has(used) && !known.has(used) && !partsOfTypes.has(used))
        missing.add(`${used} in the signature of ${name} (${file})`);
    }
  }
  assert.deepEqual([...missing].toSorted(), []);
  assert.ok(exported.length > 100, `only ${exported.length} exported names were found`);
});

test('detects a type in a signature', () => {
  const text = `import type { Hidden, Other } from './hidden.ts';
export declare class Shown implements Other {
    #private;
    show(text: 'Other'): Promise<Hidden>;
}
export declare function make(): Shown;
`;
  assert.deepEqual(packageNames(text), new Set(['Hidden', 'Other', 'Shown']));
  assert.deepEqual(namesInSignature(declarationOf(text, 'Shown')), new Set(['Shown', 'Promise', 'Hidden']));
  assert.deepEqual(namesInSignature(declarationOf(text, 'make')), new Set(['Shown']));
});

test('users cannot construct a class whose constructor is internal', async () => {
  for (const { name, file, kind } of await readExportedNames()) {
    if (kind !== 'class') continue;
    const text = await readFile(join(root, file), 'utf8');
    const [, rest = ''] = text.split(new RegExp(`^export (?:abstract )?class ${name}\\b`, 'm'));
    const [body = ''] = rest.split('\n}\n');
    assert.doesNotMatch(body, /@internal(?: |\n \s*)\*\/\n\s+constructor/, `export only the type of ${name}`);
  }
});
