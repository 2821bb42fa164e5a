/** Where a fault can be planted, and which tests are near that place. */
import { basename, dirname } from 'node:path';

/** Whether a file of the repository is source code that tests should cover. */
export function isSource(file: string): boolean {
  if (!/^(?:gale\/src|chat)\/.*\.tsx?$/.test(file)) return false;
  return !/\.(?:test|slow-test|test-d)\.tsx?$|\/test\/|^gale\/src\/testing|^chat\/locale\//.test(file);
}

/** Indexes of the lines that have code: no comments, imports and types. */
export function codeLines(text: string): number[] {
  const found: number[] = [];
  let isComment = false;
  let isType = false;
  for (const [index, line] of text.split('\n').entries()) {
    const code = line.trim();
    if (code.startsWith('/*')) isComment = true;
    if (/^(?:export )?(?:interface|type|declare) /.test(line)) isType = true;
    const isSkipped = isComment || isType || code === '' || /^(?:\/\/|\*|import|export \{|export type \{)/.test(code);
    if (!isSkipped) found.push(index);
    if (code.endsWith('*/')) isComment = false;
    // A type ends with the first line that is not indented and closes it.
    if (isType && !line.startsWith(' ') && /[};]$/.test(line)) isType = false;
  }
  return found;
}

/** Test files that can notice a fault in `file`, the nearest first: of the same name, folder, module, then tests of everything. */
export function testsNear(file: string, tests: readonly string[]): string[] {
  const distances = tests.map((test) => ({ test, distance: distanceOf(file, test) }));
  return distances
    .filter(({ distance }) => distance < Infinity)
    .toSorted((left, right) => left.distance - right.distance)
    .map(({ test }) => test);
}

function distanceOf(file: string, test: string): number {
  const folder = dirname(file);
  const testFolder = dirname(test);
  const name = basename(file).replace(/\.tsx?$/, '');
  if (testFolder === folder) return basename(test).startsWith(`${name}.`) ? 0 : basename(test).startsWith(name) ? 1 : 2;
  if (`${testFolder}/`.startsWith(`${folder}/`)) return 3;
  if (`${folder}/`.startsWith(`${testFolder}/`)) return 4;
  const module = file.startsWith('chat/') ? 'chat/' : `${file.split('/').slice(0, 3).join('/')}/`;
  if (test.startsWith(module)) return 5;
  if (file.startsWith('gale/src/stores/') && test.startsWith('gale/src/rooms/brokers/')) return 5;
  return file.startsWith('gale/') && test.startsWith('gale/test/') ? 6 : Infinity;
}
