/** Who is measured: the floor, Gale and its rivals, each with the command that starts it and why it may be missing. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HttpWork } from './http-works.ts';

/** One contestant of the HTTP benchmark. */
export interface Contestant {
  readonly name: string;
  /** Program and arguments that start it for a work, from this folder. */
  readonly command: (work: HttpWork, port: number) => readonly string[];
  /** What it is, with versions; rejects if it is not installed. */
  readonly version: () => Promise<string>;
  /** What installs it. */
  readonly installation: string;
}

/** Contestants that can be measured here, and those that cannot, with the reason. */
export interface Presence {
  readonly present: readonly (Contestant & { readonly versionText: string })[];
  readonly missing: readonly Contestant[];
}

const withNpm = 'npm ci --prefix benchmarks';
const node = `Node.js ${process.version.slice(1)}`;
const architecture = process.arch === 'x64' ? 'x64' : 'aarch64';
const bun = fileURLToPath(
  new URL(`node_modules/@oven/bun-${process.platform}-${architecture}/bin/bun`, import.meta.url),
);
const python = '/usr/bin/python3';

/** All of them, in the order in which they are measured. */
export const contestants: readonly Contestant[] = [
  {
    name: 'floor',
    command: (work, port) => [process.execPath, 'servers/floor-http.ts', `--port=${port}`, `--work=${work.name}`],
    version: () => Promise.resolve(`node:net, fixed bytes, ${node}`),
    installation: '',
  },
  {
    name: 'gale',
    command: (work, port) => [
      process.execPath,
      '--conditions=gale-source',
      ...(work.route === 'hello' ? ['../examples/run.ts', 'hello'] : ['servers/gale.ts']),
      `--port=${port}`,
    ],
    version: async () => `${await versionIn('../gale/package.json')}, ${node}`,
    installation: '',
  },
  {
    name: 'node:http',
    command: (_work, port) => [process.execPath, 'rivals/node-http.js', `--port=${port}`],
    version: () => Promise.resolve(node),
    installation: '',
  },
  {
    name: 'fastify',
    command: (_work, port) => [process.execPath, 'rivals/fastify.js', `--port=${port}`],
    version: async () =>
      `${await versionOf('fastify')}, @fastify/static ${await versionOf('@fastify/static')}, ${node}`,
    installation: withNpm,
  },
  {
    name: 'hono',
    command: (_work, port) => [process.execPath, 'rivals/hono.js', `--port=${port}`],
    version: async () =>
      `${await versionOf('hono')}, @hono/node-server ${await versionOf('@hono/node-server')}, ${node}`,
    installation: withNpm,
  },
  {
    name: 'bun',
    command: (_work, port) => [bun, 'rivals/bun.js', `--port=${port}`],
    version: () => outputOf(bun, '--version'),
    installation: withNpm,
  },
  {
    name: 'tornado',
    command: (_work, port) => [python, 'rivals/tornado-server.py', `--port=${port}`],
    version: () =>
      outputOf(
        python,
        '-c',
        'import platform, tornado; print(f"{tornado.version}, Python {platform.python_version()}")',
      ),
    installation: 'apt-get install python3-tornado',
  },
];

/** Asks each of `wanted` whether it is there. */
export async function presenceOf(wanted: readonly Contestant[]): Promise<Presence> {
  const present: (Contestant & { readonly versionText: string })[] = [];
  const missing: Contestant[] = [];
  for (const contestant of wanted) {
    const versionText = await contestant.version().catch(() => undefined);
    if (versionText === undefined) missing.push(contestant);
    else present.push({ ...contestant, versionText });
  }
  return { present, missing };
}

function versionOf(name: string): Promise<string> {
  return versionIn(`node_modules/${name}/package.json`);
}

async function versionIn(path: string): Promise<string> {
  const text = await readFile(new URL(path, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function outputOf(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words);
  return stdout.trim();
}
