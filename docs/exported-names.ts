/** The names that the package exports, by entry, read from the files of `exports` in gale/package.json. */
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';

/** One name of one entry. */
export interface ExportedName {
  /** The entry: `gale/rooms`. */
  readonly entry: string;
  /** The name: `Rooms`. */
  readonly name: string;
  /** The file of its declaration, from the root of the repository. */
  readonly file: string;
  /** The name in that file. */
  readonly original: string;
  /** `class`, `function`, `constant` or `type`; also `type` for a class of which only the type is exported. */
  readonly kind: string;
}

const kinds: Readonly<Record<string, string>> = {
  class: 'class',
  function: 'function',
  const: 'constant',
  interface: 'type',
  type: 'type',
};

/** Reads all entries, in the order of package.json. The names of an entry are sorted. */
export async function readExportedNames(): Promise<ExportedName[]> {
  const manifest = JSON.parse(await textOf('gale/package.json')) as {
    readonly exports: Readonly<Record<string, { readonly 'gale-source': string }>>;
  };
  const entries = Object.entries(manifest.exports).map(([path, target]) =>
    readEntry(posix.join('gale', path), posix.join('gale', target['gale-source'])),
  );
  return (await Promise.all(entries)).flat();
}

/** An entry contains only `export { … } from` and `export type { … } from`. */
async function readEntry(entry: string, path: string): Promise<ExportedName[]> {
  const text = await textOf(path);
  const statements = [...text.matchAll(/export (type )?\{([^}]*)\} from '(.*)';/g)];
  const names = statements.map(async ([, type, list = '', specifier = '']) => {
    const file = posix.join(posix.dirname(path), specifier);
    const source = await textOf(file);
    const specifiers = list.split(',').filter((part) => part.trim() !== '');
    return specifiers.map((part) => {
      const [original = '', name = original] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      const isType = type !== undefined || part.trim().startsWith('type ');
      const kind = kindOf(source, original, file);
      return { entry, name, file, original, kind: isType ? 'type' : kind };
    });
  });
  return (await Promise.all(names)).flat().toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function kindOf(source: string, name: string, file: string): string {
  const pattern = new RegExp(
    String.raw`^export (?:abstract |async )*(class|function|const|interface|type) ${name}\b`,
    'm',
  );
  const kind = kinds[pattern.exec(source)?.[1] ?? ''];
  if (kind === undefined) throw new Error(`${file} has no declaration of ${name}.`);
  // A constant whose name is a type too is extended and used like a class.
  return kind === 'constant' && new RegExp(String.raw`^export type ${name}\b`, 'm').test(source) ? 'class' : kind;
}

function textOf(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), 'utf8');
}
