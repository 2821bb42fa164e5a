/**
 * Writes the folder that is published: `node gale/build-package.ts [folder]`, by default `gale/dist-package`. It contains the
 * compiled files, their source maps and sources, README, the documents for users, LICENSE and a package.json without the parts for this
 * repository.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
/** The program of `npx gale`, in the folder that is published. */
const command = 'dist/command/gale.js';
const folder = resolve(process.argv[2] ?? join(root, 'gale/dist-package'));

/** Titles of the sections of the repository's README that are for users of the package. */
const readmeSections = ['Install', 'Hello in three lines', 'A room, and a client, in thirty lines'];
/** Documents for users of the package. */
const documents = ['docs/guide/*.md', 'docs/reference/*.md', 'docs/wire.md'];

/** A problem of the installation, which needs one line and no stack. */
class InstallationError extends Error {}

try {
  assertInstalled();
  await build();
} catch (error) {
  if (!(error instanceof InstallationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function build(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  compile();
  await dropImplements();
  await prepareCommand();
  await addSources();
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await addDocuments();
}

/**
 * Compares the installed packages that the build needs with package-lock.json.
 *
 * @throws {@link InstallationError} If one is missing or has another version.
 */
function assertInstalled(): void {
  const { packages } = readJson('package-lock.json') as { packages: Readonly<Record<string, { version?: string }>> };
  const { dependencies, peerDependencies } = readJson('gale/package.json') as Readonly<
    Record<string, Readonly<Record<string, string>> | undefined>
  >;
  for (const name of ['typescript', ...Object.keys({ ...dependencies, ...peerDependencies })]) {
    const paths = [`gale/node_modules/${name}`, `node_modules/${name}`];
    const path = paths.find((each) => packages[each] !== undefined);
    if (path === undefined) continue;
    const wanted = packages[path]?.version;
    const file = `${path}/package.json`;
    const found = existsSync(join(root, file)) ? (readJson(file) as { version?: string }).version : undefined;
    if (found === wanted) continue;
    const state = found === undefined ? 'is not installed' : `is installed as ${found}`;
    throw new InstallationError(
      `The package was not built: ${name} ${state}, but package-lock.json has ${wanted}. Run npm ci, then try again.`,
    );
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/** @throws {@link InstallationError} If the sources do not compile; the compiler has printed why. */
function compile(): void {
  const tsc = fileURLToPath(new URL('../bin/tsc', import.meta.resolve('typescript')));
  const options = ['--outDir', join(folder, 'dist'), '--sourceMap', '--declarationMap'];
  try {
    execFileSync(process.execPath, [tsc, '-p', join(root, 'gale/tsconfig.build.json'), ...options], {
      stdio: 'inherit',
    });
  } catch (error) {
    const message = 'The package was not built: the sources do not compile. Correct the errors above, then try again.';
    throw new InstallationError(message, { cause: error });
  }
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

/** Makes the command a program without the condition for the source of this repository, which some versions of env cannot pass. */
async function prepareCommand(): Promise<void> {
  const path = join(folder, command);
  const [, ...lines] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, ['#!/usr/bin/env node', ...lines].join('\n'));
  await chmod(path, 0o755);
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
    bin: { gale: command },
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

/** Writes the README and the documents for users. */
async function addDocuments(): Promise<void> {
  const paths: string[] = [];
  for await (const path of glob(documents, { cwd: root })) paths.push(path.replaceAll('\\', '/'));
  for (const path of paths) await cp(join(root, path), join(folder, path));
  // When all files are there.
  for (const path of paths) {
    await writeFile(join(folder, path), withPackedLinks(await readFile(join(root, path), 'utf8'), path));
  }
  await writeFile(join(folder, 'README.md'), withPackedLinks(await readme(), 'README.md'));
}

/**
 * Makes the links of a document refer to files of the package. Links to other files of the repository become plain text; pictures
 * are left out.
 */
function withPackedLinks(text: string, path: string): string {
  return text
    .split(/(^```.*?^```)/ms)
    .map((part) => (part.startsWith('```') ? part : withLinks(part, path)))
    .join('');
}

function withLinks(text: string, path: string): string {
  return text.replaceAll(
    /(!?)\[([^\]]+)\]\((?!\w+:|#)([^)#\s]+)(#[^)]*)?\)(\n\n)?/g,
    (_, picture: string, label: string, target: string, fragment = '', end = '') => {
      const file = posix.join(posix.dirname(path), target).replace(/^gale\//, '');
      if (!existsSync(join(folder, file))) return picture === '' ? label + end : '';
      return `${picture}[${label}](${posix.relative(posix.dirname(path), file)}${fragment})${end}`;
    },
  );
}

/** The sections of the README for users. */
async function readme(): Promise<string> {
  const [head = '', ...sections] = (await readFile(join(root, 'README.md'), 'utf8')).split(/^(?=## )/m);
  const chosen = readmeSections.map((title) => {
    const section = sections.find((text) => text.startsWith(`## ${title}\n`));
    if (section === undefined) throw new Error(`README.md has no section ${title}.`);
    return section;
  });
  const license = 'Licensed under Apache-2.0.\n';
  return [head, ...chosen, license].join('');
}
