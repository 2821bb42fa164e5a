/**
 * Writes the folder that is published: `node gale/build-package.ts [folder]`, by default `gale/dist-package`. It contains the
 * compiled files, their source maps and sources, README, LICENSE and a package.json without the parts for this repository.
 */
import { execFileSync } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'gale/dist-package'));

/** Titles of the sections of the repository's README that are for users of the package. */
const readmeSections = ['Install', 'Hello in three lines', 'A room, and a client, in thirty lines'];

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const options = ['--outDir', join(folder, 'dist'), '--sourceMap', '--declarationMap'];
execFileSync(process.execPath, [tscPath(), '-p', join(root, 'gale/tsconfig.build.json'), ...options], {
  stdio: 'inherit',
});
await dropImplements();
await addSources();
await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
await writeFile(join(folder, 'README.md'), await readme());
await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));

function tscPath(): string {
  return fileURLToPath(new URL('../bin/tsc', import.meta.resolve('typescript')));
}

/**
 * Removes `implements …` from the declarations. They have no members marked `@internal` (`stripInternal`), so a class may lack members of
 * an interface that only the package itself uses.
 */
async function dropImplements(): Promise<void> {
  for await (const file of glob('dist/**/*.d.ts', { cwd: folder })) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(/^(export declare (?:abstract )?class .*?) implements [^{]+\{$/gm, '$1 {'));
  }
}

/** Copies each source of a source map into the folder, and makes the map refer to the copy. */
async function addSources(): Promise<void> {
  for await (const file of glob('dist/**/*.map', { cwd: folder })) {
    const path = join(folder, file);
    const map = JSON.parse(await readFile(path, 'utf8')) as { sources: string[]; sourceRoot?: string };
    const sources: string[] = [];
    for (const source of map.sources) {
      const original = resolve(dirname(path), map.sourceRoot ?? '', source);
      const copy = join(folder, 'src', relative(join(root, 'gale/src'), original));
      await cp(original, copy);
      sources.push(relative(dirname(path), copy).replaceAll('\\', '/'));
    }
    await writeFile(path, JSON.stringify({ ...map, sourceRoot: '', sources }));
  }
}

/** The package.json of `gale/` without `gale-source` and scripts, and with paths inside the folder. */
async function manifest(): Promise<object> {
  const {
    scripts: _,
    exports,
    ...fields
  } = JSON.parse(await readFile(join(root, 'gale/package.json'), 'utf8')) as {
    readonly scripts?: unknown;
    readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  const published = Object.entries(exports).map(([entry, targets]) => {
    const { 'gale-source': _source, ...others } = targets;
    const paths = Object.entries(others).map(([condition, path]) => [condition, path.replace('/dist-package/', '/')]);
    return [entry, Object.fromEntries(paths)];
  });
  return {
    ...fields,
    ...repositoryFields(),
    exports: { ...Object.fromEntries(published), './package.json': './package.json' },
  };
}

/**
 * The address of the repository, from `REPOSITORY_URL=https://host/path`, because the repository does not contain it.
 * Without it, package.json names only the folder `gale` of a git repository.
 */
function repositoryFields(): object {
  const url = process.env['REPOSITORY_URL']?.replace(/\/$|\.git$/, '');
  if (url === undefined || url === '') return { repository: { type: 'git', directory: 'gale' } };
  return {
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
    repository: { type: 'git', url: `git+${url}.git`, directory: 'gale' },
  };
}

/** The sections of the README for users. Links into the repository become plain text, since the package lacks their targets. */
async function readme(): Promise<string> {
  const [head = '', ...sections] = (await readFile(join(root, 'README.md'), 'utf8')).split(/^(?=## )/m);
  const chosen = readmeSections.map((title) => {
    const section = sections.find((text) => text.startsWith(`## ${title}\n`));
    if (section === undefined) throw new Error(`README.md has no section ${title}.`);
    return section;
  });
  const license = 'Licensed under Apache-2.0.\n';
  return [head, ...chosen, license].join('').replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]+\)/g, '$1');
}
