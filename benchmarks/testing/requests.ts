/**
 * `npm run bench -- requests`: requests of tests in this process, one after the other: `request()` and `fetch()` of `gale/testing`,
 * `inject()` of Fastify and `request()` of Hono. Each response is read as text and compared. The others call the router; only Gale
 * writes and parses the bytes of HTTP.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Application, defineOptions, RequestHandler } from 'gale';
import { testApp } from 'gale/testing';
import { galeVersion, node, versionOf, withNpm } from '../installed.ts';
import { named } from '../named.ts';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';

const greeting = 'Hello, world!';

class Hello extends RequestHandler {
  get(): void {
    this.setHeader('Content-Type', 'text/plain; charset=utf-8');
    this.write(greeting);
  }
}

interface Requester {
  readonly name: string;
  readonly version: string;
  /** Sends one request and returns the text of its response. */
  readonly send: () => Promise<string>;
  close?(): Promise<void>;
}

interface Figures {
  readonly perSecond: number[];
  readonly cpu: number[];
}

/** Measures, prints the table and, with `--save`, writes it to results/. */
export async function runRequestsBenchmark(words: readonly string[]): Promise<void> {
  const requesters = await installedRequesters();
  const options = defineOptions(
    {
      only: {
        type: 'text',
        default: 'all',
        help: `Separated by commas: ${requesters.map(({ name }) => name).join(', ')}`,
      },
      rounds: { type: 'integer', default: 5, min: 1, help: 'Measurements of each' },
      seconds: { type: 'integer', default: 1, min: 1, help: 'Seconds of each measurement' },
      save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
    },
    'npm run bench -- requests [options]',
  );
  const { only, rounds, seconds, save } = options.parse(words);
  const table = await tableOf(named('only', requesters, only), rounds, seconds * 1000);
  for (const requester of requesters) await requester.close?.();
  console.log(`\nrequests: one after the other, in one process\n\n${table}\n`);
  if (!save) return;
  const page = `# Requests of tests, in one process

${machineText()}; ${rounds} interleaved rounds; medians (least–greatest); one request after the other, each response read as text.
Fastify and Hono call their routers; Gale writes, parses and frames HTTP.

${table}

${requesters.map(({ name, version }) => `- ${name}: ${version}`).join('\n')}

Command: \`${['npm run bench -- requests', ...words].join(' ')}\`; [method](../README.md).
`;
  await writeFile(new URL('../results/testing-requests.md', import.meta.url), page);
}

async function tableOf(requesters: readonly Requester[], rounds: number, milliseconds: number): Promise<string> {
  const all = requesters.map((requester): [Requester, Figures] => [requester, { perSecond: [], cpu: [] }]);
  for (const [requester] of all) await measure(requester, milliseconds);
  for (let round = 0; round < rounds; round += 1) {
    for (const [requester, { perSecond, cpu }] of all) {
      const figures = await measure(requester, milliseconds);
      perSecond.push(figures.perSecond);
      cpu.push(figures.cpu);
    }
  }
  return linesOf(
    ['', 'requests/s', 'CPU µs per request'],
    all.map(([{ name }, { perSecond, cpu }]) => [name, spreadText(perSecond, 0), spreadText(cpu, 1)]),
  );
}

async function measure(
  { name, send }: Requester,
  milliseconds: number,
): Promise<{ readonly perSecond: number; readonly cpu: number }> {
  const usage = process.cpuUsage();
  const beganAt = performance.now();
  let count = 0;
  let elapsed = 0;
  for (; elapsed < milliseconds; elapsed = performance.now() - beganAt) {
    for (let turn = 0; turn < 100; turn += 1) {
      const text = await send();
      if (text !== greeting) throw new Error(`${name} responded with ${JSON.stringify(text)}`);
    }
    count += 100;
  }
  const { user, system } = process.cpuUsage(usage);
  return { perSecond: (count * 1000) / elapsed, cpu: (user + system) / count };
}

async function installedRequesters(): Promise<Requester[]> {
  const app = await testApp(new Application([['/', Hello]]));
  const version = `${await galeVersion()}, ${node}`;
  const requesters: Requester[] = [
    { name: 'gale request', version, send: async () => (await app.request('/')).text(), close: () => app.close() },
    { name: 'gale fetch', version, send: async () => (await app.fetch('/')).text() },
  ];
  for (const [name, create] of [
    ['fastify', createFastify],
    ['hono', createHono],
  ] as const) {
    const installed = await versionOf(name).catch(() => undefined);
    if (installed === undefined) console.error(`${name} is not installed and is skipped; to install it: ${withNpm}`);
    else requesters.push({ name, version: `${installed}, ${node}`, send: create() });
  }
  return requesters;
}

const require = createRequire(new URL('../rivals/', import.meta.url));

function createFastify(): () => Promise<string> {
  const fastify = require('fastify') as () => {
    get(
      path: string,
      handler: (request: unknown, reply: { type(name: string): { send(text: string): void } }) => void,
    ): void;
    inject(path: string): Promise<{ readonly payload: string }>;
  };
  const app = fastify();
  app.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(greeting));
  return async () => (await app.inject('/')).payload;
}

function createHono(): () => Promise<string> {
  const { Hono } = require('hono') as {
    readonly Hono: new () => {
      get(path: string, handler: (context: { text(text: string): Response }) => Response): void;
      request(path: string): Response | Promise<Response>;
    };
  };
  const app = new Hono();
  app.get('/', (context) => context.text(greeting));
  return async () => (await app.request('/')).text();
}
