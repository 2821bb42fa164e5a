/** For tests of the repository itself: its root, its files, and the imports of a file. */
import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at the end. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Paths of the repository's own files below `folder`, relative to {@link root}, without those that git ignores. */
export function filesBelow(folder: string): string[] {
  const listing = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  return listing.split('\n').filter((path) => path !== '');
}

/** Text of a file of the repository. */
export function textOf(path: string): Promise<string> {
  return readFile(root + path, 'utf8');
}

/** Specifiers that a TypeScript file imports or re-exports, including types and `require`, as written. */
export function importsOf(text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?\bfrom ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]|\b(?:import|require)\(['"`]([^'"`]+)['"`]\)/gm,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}
