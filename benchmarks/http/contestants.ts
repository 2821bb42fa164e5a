/** Contestants over HTTP: the floor, Gale and its rivals. */
import type { Contestant } from '../contestant.ts';
import {
  bun,
  bunVersion,
  galeProgram,
  galeVersion,
  node,
  python,
  rootVersionOf,
  tornadoVersion,
  versionOf,
  withNpm,
} from '../installed.ts';
import type { HttpWork } from './works.ts';

/** All contestants, in the order of measurement. */
export const httpContestants: readonly Contestant<HttpWork>[] = [
  {
    name: 'floor',
    command: (work, port) => [process.execPath, 'servers/floor-http.ts', `--port=${port}`, `--work=${work.name}`],
    version: () => Promise.resolve(`node:net, fixed bytes, ${node}`),
    installation: '',
  },
  {
    name: 'gale',
    command: (work, port) => [
      ...galeProgram,
      ...(work.route === 'hello' ? ['../examples/run.ts', 'hello'] : ['servers/gale.ts']),
      `--port=${port}`,
    ],
    version: async () => `${await galeVersion()}, ${node}`,
    installation: '',
  },
  {
    name: 'gale function',
    command: (_work, port) => [
      ...galeProgram,
      'servers/gale-routes.ts',
      `--port=${port}`,
      '--routes=1',
      '--handlers=function',
    ],
    version: async () => `${await galeVersion()}, ${node}`,
    installation: '',
    takesPart: ({ route, kind }) => route === 'hello' && kind !== 'idle',
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
    version: bunVersion,
    installation: withNpm,
  },
  {
    name: 'tornado',
    command: (_work, port) => [python, 'rivals/tornado-server.py', `--port=${port}`],
    version: tornadoVersion,
    installation: 'apt-get install python3-tornado',
  },
];

/** Contestants of the work `validation`: Gale with schemas of three libraries and validated by hand, and Fastify. */
export const validationContestants: readonly Contestant<HttpWork>[] = [
  ...(['zod', 'valibot', 'arktype'] as const).map((schema) => ({
    name: `gale ${schema}`,
    command: (_work: HttpWork, port: number) => [
      ...galeProgram,
      'servers/gale-schemas.ts',
      `--port=${port}`,
      `--schema=${schema}`,
    ],
    version: async () => `${await galeVersion()}, ${schema} ${await rootVersionOf(schema)}, ${node}`,
    installation: '',
  })),
  ...httpContestants.filter(({ name }) => name === 'gale' || name === 'fastify'),
];

/** Contestants of `npm run bench -- compress`. */
export const compressContestants: readonly Contestant<HttpWork>[] = [
  {
    name: 'gale',
    command: (_work, port) => [...galeProgram, 'servers/gale-compress.ts', `--port=${port}`],
    version: async () => `${await galeVersion()}, ${node}`,
    installation: '',
  },
  {
    name: 'node:http',
    command: ({ coding }, port) => [
      process.execPath,
      'rivals/node-http-compress.js',
      `--port=${port}`,
      `--coding=${coding}`,
    ],
    version: () => Promise.resolve(node),
    installation: '',
  },
  {
    name: 'fastify',
    command: ({ coding }, port) => [
      process.execPath,
      'rivals/fastify-compress.js',
      `--port=${port}`,
      `--coding=${coding}`,
    ],
    version: async () =>
      `${await versionOf('fastify')}, @fastify/compress ${await versionOf('@fastify/compress')}, ${node}`,
    installation: withNpm,
  },
];

/** Contestants of `npm run bench -- sessions`: a greeting without sessions, and one that reads a value of a session in memory. */
export const sessionsContestants: readonly Contestant<HttpWork>[] = (['none', 'memory'] as const).map((kind) => ({
  name: kind === 'none' ? 'without sessions' : 'session in memory',
  command: (_work: HttpWork, port: number) => [
    ...galeProgram,
    'servers/gale-sessions.ts',
    `--port=${port}`,
    `--sessions=${kind}`,
  ],
  version: async () => `${await galeVersion()}, ${node}`,
  installation: '',
}));

/** Contestants of `npm run bench -- routes`: classes and functions as handlers, and 10 or 1,000 routes. */
export const routesContestants: readonly Contestant<HttpWork>[] = [
  ...httpContestants.filter(({ name }) => name === 'floor'),
  ...(
    [
      ['10 classes', 10, 'class'],
      ['10 functions', 10, 'function'],
      ['1,000 functions', 1000, 'function'],
    ] as const
  ).map(([name, routes, handlers]) => ({
    name,
    command: (_work: HttpWork, port: number) => [
      ...galeProgram,
      'servers/gale-routes.ts',
      `--port=${port}`,
      `--routes=${routes}`,
      `--handlers=${handlers}`,
    ],
    version: async () => `${await galeVersion()}, ${node}`,
    installation: '',
  })),
];
