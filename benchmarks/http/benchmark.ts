/** HTTP: requests over keep-alive and new connections, JSON, a template, a file, and the memory of idle connections. */
import type { Benchmark } from '../benchmark.ts';
import { checkResponse } from './response-check.ts';
import { httpContestants } from './contestants.ts';
import { httpWorks, type HttpWork } from './works.ts';

/** `npm run bench -- http`. */
export const httpBenchmark: Benchmark<HttpWork> = {
  name: 'http',
  protocol: 'HTTP',
  works: httpWorks,
  contestants: httpContestants,
  references: ['floor', 'node:http', 'fastify'],
  check: checkResponse,
  load: new URL('load.ts', import.meta.url),
};
