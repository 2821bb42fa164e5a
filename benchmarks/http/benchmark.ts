/** HTTP: requests over keep-alive and new connections, JSON, a template, a file, and the memory of idle connections. */
import type { Benchmark } from '../benchmark.ts';
import { checkResponse } from './response-check.ts';
import {
  compressContestants,
  httpContestants,
  routesContestants,
  sessionsContestants,
  validationContestants,
} from './contestants.ts';
import { compressWorks, httpWorks, routesWorks, sessionsWorks, type HttpWork } from './works.ts';

/** `npm run bench -- http`. */
export const httpBenchmark: Benchmark<HttpWork> = {
  name: 'http',
  protocol: 'HTTP',
  works: httpWorks.filter(({ name }) => name !== 'validation'),
  contestants: httpContestants,
  references: ['floor', 'node:http', 'fastify'],
  check: checkResponse,
  load: new URL('load.ts', import.meta.url),
};

/** `npm run bench -- validation`: schemas of three libraries beside Fastify with its schema compiler. */
export const validationBenchmark: Benchmark<HttpWork> = {
  ...httpBenchmark,
  name: 'validation',
  works: httpWorks.filter(({ name }) => name === 'validation'),
  contestants: validationContestants,
  references: ['fastify'],
};

/** `npm run bench -- routes`: handlers that are classes or functions, among 10 and 1,000 routes. */
export const routesBenchmark: Benchmark<HttpWork> = {
  ...httpBenchmark,
  name: 'routes',
  works: routesWorks,
  contestants: routesContestants,
  references: ['floor', '10 functions'],
};

/** `npm run bench -- sessions`: what reading a session costs. */
export const sessionsBenchmark: Benchmark<HttpWork> = {
  ...httpBenchmark,
  name: 'sessions',
  works: sessionsWorks,
  contestants: sessionsContestants,
  references: ['without sessions'],
};

/** `npm run bench -- compress`: a page that is compressed for each request, beside Fastify with its plugin. */
export const compressBenchmark: Benchmark<HttpWork> = {
  ...httpBenchmark,
  name: 'compress',
  works: compressWorks,
  contestants: compressContestants,
  references: ['node:http', 'fastify'],
};
