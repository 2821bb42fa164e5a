/** The relative links in the documents of a built package, and those whose target it does not have. */
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Links of a package, as `file: target`. */
export interface PackedLinks {
  readonly count: number;
  readonly broken: readonly string[];
}

/** @param folder - The folder of the package. */
export async function packedLinksOf(folder: string): Promise<PackedLinks> {
  let count = 0;
  const broken: string[] = [];
  for await (const file of glob('{*.md,docs/**/*.md}', { cwd: folder })) {
    const text = (await readFile(join(folder, file), 'utf8')).replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      count++;
      if (!existsSync(join(folder, dirname(file), target))) broken.push(`${file}: ${target}`);
    }
  }
  return { count, broken };
}
