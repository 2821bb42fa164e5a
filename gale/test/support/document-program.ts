/**
 * Finds the TypeScript programs in documents, compiles them, and starts each as a separate process in a separate folder.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../../src/testing/free-port.ts';
import { isListenedAt } from '../../src/testing/is-listened-at.ts';
import { eventually } from './eventually.ts';
import { root, textOf } from './repository.ts';

/** A running program that listens on a port. */
export interface DocumentProgram {
  readonly port: number;
  /** Its working directory. */
  readonly folder: string;
  readonly child: ChildProcessByStdio<null, Readable, null>;
}

/** The programs of a document, in order. @param document - Its path in the repository. */
export async function programsOf(document: string): Promise<string[]> {
  return [...(await textOf(document)).matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '');
}

/**
 * Starts a program on a free port, in place of 8888 or 8443, and stops it after the test.
 *
 * @param prepare - Writes the files that the program needs into its folder.
 * @returns The program, after it listens.
 */
export async function startProgram(
  t: TestContext,
  program: string,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<DocumentProgram> {
  const port = await freePort();
  const folder = await temporaryFolder(t);
  const file = join(folder, 'program.mjs');
  await writeFile(file, stripTypeScriptTypes(program.replaceAll(/\b8888\b|\b8443\b/g, String(port))));
  await prepare(folder);
  const child = spawn(process.execPath, ['--conditions=gale-source', file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await ended;
  });
  await eventually(
    () => isListenedAt(port),
    () => 'the program does not listen',
    20_000,
  );
  return { port, folder, child };
}

/**
 * Writes the programs into one folder, as JavaScript. A program that begins with a comment such as `// app.ts` has that name, `app.mjs`, so
 * that others can import it.
 *
 * @returns The folder.
 */
export async function writeJavaScript(t: TestContext, programs: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  await Promise.all(
    programs.map((program, index) => {
      const code = stripTypeScriptTypes(program).replaceAll(/(from '\.[^']*)\.ts'/g, "$1.mjs'");
      return writeFile(join(folder, nameOf(program, index).replace(/\.ts$/, '.mjs')), code);
    }),
  );
  return folder;
}

function nameOf(program: string, index: number): string {
  return /^\/\/ ([\w.-]+\.ts)\n/.exec(program)?.[1] ?? `${index}.ts`;
}

/**
 * Compiles the programs of several documents in one run: most of its time goes into the sources of the package.
 *
 * @param documents - The programs of each document by its path. Those of one document can import each other.
 * @returns The output of the compiler; empty if all types are right.
 */
export async function typeErrorsOf(
  t: TestContext,
  documents: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [document, programs] of Object.entries(documents)) {
    const own = join(folder, document);
    await mkdir(own, { recursive: true });
    await Promise.all(programs.map((program, index) => writeFile(join(own, nameOf(program, index)), program)));
  }
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { isolatedDeclarations: false, declaration: false },
    include: ['**/*.ts'],
    // The folder is in node_modules, which tsc excludes by default.
    exclude: [],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  return promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
    () => '',
    (error: Error & { readonly stdout?: string }) => error.stdout || error.message,
  );
}

/** A folder inside the repository, so that `gale` resolves, and where no tool looks for sources. */
async function temporaryFolder(t: TestContext): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'program-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}
