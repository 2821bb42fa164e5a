/**
 * The scripts and styles of the pages: built by Vite into chat/dist, found by its manifest.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../start-error.ts';

/** Where the built files are served: `base` of vite.config.ts. */
export const urlPrefix = '/static/';

/** Addresses of the files of one page, in order. */
export interface PageAssets {
  readonly js: readonly string[];
  /** Scripts that those of `js` import, so that the browser loads them at the same time. */
  readonly imports: readonly string[];
  readonly css: readonly string[];
}

/** One row of the manifest of Vite; only the fields that are used here. */
interface ManifestRow {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/** The manifests of the builds of vite.config.ts. */
const manifests = ['manifest.json', 'forms.json'] as const;

/** Finds the assets of a page by its entry, a path from chat/. */
export class Assets {
  readonly #manifest: Readonly<Record<string, ManifestRow>>;

  private constructor(manifest: Readonly<Record<string, ManifestRow>>) {
    this.#manifest = manifest;
  }

  /**
   * Reads the manifests of a build.
   *
   * @param folder - The output folder of Vite.
   * @throws {@link StartError} if the folder contains no build.
   */
  static async read(folder: string): Promise<Assets> {
    const rows = await Promise.all(manifests.map((name) => readManifest(join(folder, '.vite', name))));
    return new Assets(Object.assign({}, ...rows) as Record<string, ManifestRow>);
  }

  /**
   * @param dynamic - Entries that the page imports at once with `import()`.
   * @throws {@link StartError} if the build has no such entry.
   */
  of(entry: string, ...dynamic: string[]): PageAssets {
    const row = this.#row(entry);
    const css = new Set<string>();
    const seen = new Set<ManifestRow>();
    this.#collectStyles(row, css, seen);
    for (const name of dynamic) this.#collectStyles(this.#row(name), css, seen);
    return {
      js: [toUrl(row.file)],
      imports: [...seen].filter((other) => other !== row).map(({ file }) => toUrl(file)),
      css: [...css].map(toUrl),
    };
  }

  #row(entry: string): ManifestRow {
    const row = this.#manifest[entry];
    if (!row) throw new StartError(`The built page has no ${entry}; run npm run build -w chat.`);
    return row;
  }

  /** Styles of imported modules come first, so that those of the importer take precedence. */
  #collectStyles(row: ManifestRow, css: Set<string>, seen: Set<ManifestRow>): void {
    if (seen.has(row)) return;
    seen.add(row);
    for (const name of row.imports ?? []) {
      const imported = this.#manifest[name];
      if (imported) this.#collectStyles(imported, css, seen);
    }
    for (const file of row.css ?? []) css.add(file);
  }
}

async function readManifest(path: string): Promise<Record<string, ManifestRow>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, ManifestRow>;
  } catch (error) {
    throw new StartError(`The page is not built (${path} cannot be read); run npm run build -w chat.`, {
      cause: error,
    });
  }
}

function toUrl(file: string): string {
  return urlPrefix + file;
}
