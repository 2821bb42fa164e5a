/** HTTP: requests over kept and new connections, JSON, a template, a file, and what idle connections weigh. */
import type { Benchmark } from '../benchmark.ts';
import { checkAnswer } from './answer-check.ts';
import { httpContestants } from './contestants.ts';
import { httpWorks, type HttpWork } from './works.ts';

/** `npm run bench -- http`. */
export const httpBenchmark: Benchmark<HttpWork> = {
  name: 'http',
  protocol: 'HTTP',
  works: httpWorks,
  contestants: httpContestants,
  references: ['floor', 'node:http', 'fastify'],
  check: checkAnswer,
  load: new URL('load.ts', import.meta.url),
};
