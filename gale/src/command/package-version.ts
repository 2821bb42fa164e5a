/** The version of the package. */
import { readFile } from 'node:fs/promises';

/** Reads it from package.json, which is two folders up in the package and in the repository. */
export async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return String((manifest as { readonly version?: unknown }).version);
}
