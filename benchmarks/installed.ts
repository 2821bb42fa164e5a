/** Programs that run contestants: their paths and installed versions. Paths are relative to this folder. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Command that installs the rivals from npm. */
export const withNpm = 'npm ci --prefix benchmarks';

/** Node.js and its version. */
export const node: string = `Node.js ${process.version.slice(1)}`;

const { scripts } = createRequire(import.meta.url)('../package.json') as {
  readonly scripts: { readonly example: string };
};

/** Node.js with the options of `npm run example` and `npm start`, so that Gale is measured as users start it. */
export const galeProgram: readonly string[] = [
  process.execPath,
  ...scripts.example.split(' ').filter((word) => word.startsWith('--')),
];

/** Option that keeps V8's young generation small. */
export const smallYoungGeneration = '--max-semi-space-size=2';

const architecture = process.arch === 'x64' ? 'x64' : 'aarch64';

/** Path of Bun's program, installed or not. */
export const bun: string = fileURLToPath(
  new URL(`node_modules/@oven/bun-${process.platform}-${architecture}/bin/bun`, import.meta.url),
);

/** The Python of Debian's packages. */
export const python = '/usr/bin/python3';

/** Version of a rival from npm. @throws If it is not installed. */
export function versionOf(name: string): Promise<string> {
  return versionIn(`node_modules/${name}/package.json`);
}

/** Version of a package of the repository. */
export function rootVersionOf(name: string): Promise<string> {
  return versionIn(`../node_modules/${name}/package.json`);
}

/** Version of Gale. */
export function galeVersion(): Promise<string> {
  return versionIn('../gale/package.json');
}

/** Version of Bun. @throws If it is not installed. */
export function bunVersion(): Promise<string> {
  return outputOf(bun, '--version');
}

/** Versions of Tornado and its Python. @throws If it is not installed. */
export function tornadoVersion(): Promise<string> {
  const script = 'import platform, tornado; print(f"{tornado.version}, Python {platform.python_version()}")';
  return outputOf(python, '-c', script);
}

/** Output of a program: standard output, or standard error if that is empty. @throws If it cannot start or fails. */
export async function outputOf(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, words);
  return (stdout || stderr).trim();
}

async function versionIn(path: string): Promise<string> {
  const text = await readFile(new URL(path, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
