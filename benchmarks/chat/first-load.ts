/** Size of what the chat page loads before it can be used: a count, without a server. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Assets, urlPrefix } from '../../chat/pages/assets.ts';
import type { Values } from './target.ts';

const dist = fileURLToPath(new URL('../../chat/dist', import.meta.url));

/** Adds the sizes of the compressed files; a file that is too small to be compressed counts as it is. */
export async function firstLoadValues(): Promise<Values> {
  const { js, imports, css } = (await Assets.read(dist)).of('browser/main.tsx');
  const files = [...js, ...imports, ...css];
  const sizes = await Promise.all(files.map((url) => compressedBytes(join(dist, url.slice(urlPrefix.length)))));
  return { kilobytes: sizes.reduce((sum, size) => sum + size, 0) / 1000, files: files.length };
}

async function compressedBytes(path: string): Promise<number> {
  const { size } = await stat(`${path}.br`).catch(() => stat(path));
  return size;
}
