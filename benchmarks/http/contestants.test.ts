import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presenceOf } from '../contestant.ts';
import { startServer } from '../server-process.ts';
import { checkAnswer } from './answer-check.ts';
import { httpContestants } from './contestants.ts';
import { httpWorks } from './works.ts';

/** Rivals take part where they are installed (`npm ci --prefix benchmarks`). */
const { present } = await presenceOf(httpContestants);
/** One work of each route: the others ask for the same. */
const works = [...new Map(httpWorks.map((work) => [work.route, work])).values()];

for (const contestant of present) {
  test(`${contestant.name} gives the right answer to every work`, async () => {
    for (const work of works) {
      const server = await startServer((port) => contestant.command(work, port));
      try {
        await checkAnswer(work, server.port);
      } finally {
        await server.stop();
      }
    }
  });
}

test('an answer of another work is refused', async () => {
  const [floor] = present;
  const [json, template] = ['json', 'template'].map((name) => httpWorks.find((work) => work.name === name));
  assert.ok(floor && json && template);
  const server = await startServer((port) => floor.command(json, port));
  try {
    await assert.rejects(
      checkAnswer({ ...json, body: template.body, contentType: 'text/html' }, server.port),
      /The type/,
    );
    await assert.rejects(checkAnswer({ ...json, body: Buffer.from('{}') }, server.port), /The body/);
  } finally {
    await server.stop();
  }
});
