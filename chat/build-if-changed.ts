/** Builds the page before `npm start`, unless the page is newer than every file that it can be made of. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../', import.meta.url));
/** Written by the last of the builds. */
const manifest = join(repository, 'chat/dist/.vite/forms.json');
const sources: readonly string[] = ['chat', 'gale/src', 'package-lock.json'].map((path) => join(repository, path));
/** Not part of the page; `dist` is the page. */
const otherFolders: readonly string[] = ['dist', 'test', 'node_modules'];

const builtAt = changedAt(manifest) ?? 0;
if (sources.some((path) => isNewer(path, builtAt))) {
  // Loaded only here: it takes longer than the comparison.
  const { createBuilder } = await import('vite');
  const builder = await createBuilder({ configFile: join(repository, 'chat/vite.config.ts'), logLevel: 'warn' });
  await builder.buildApp();
}

/** Whether a file, or anything in a folder, has changed since. The time of a folder changes when a file is added or removed. */
function isNewer(path: string, time: number): boolean {
  if ((changedAt(path) ?? 0) > time) return true;
  if (!statSync(path).isDirectory()) return false;
  return readdirSync(path).some((name) => !otherFolders.includes(name) && isNewer(join(path, name), time));
}

function changedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
