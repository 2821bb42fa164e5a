import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presenceIn, presenceOf } from '../contestant.ts';
import { startServer } from '../server-process.ts';
import { checkResponse } from './response-check.ts';
import { compressContestants, httpContestants, routesContestants, validationContestants } from './contestants.ts';
import { compressWorks, httpWorks, routesWorks } from './works.ts';

/** Rivals are tested if they are installed (`npm ci --prefix benchmarks`). */
const installed = await presenceOf(httpContestants);
const validating = (await presenceOf(validationContestants)).present.filter(({ name }) => name.startsWith('gale '));
/** One work of each route; other works send the same requests. */
const works = [...new Map(httpWorks.map((work) => [work.route, work])).values()];

for (const contestant of [...installed.present, ...validating]) {
  test(`${contestant.name} responds correctly to every work`, async () => {
    const ofContestant = works.filter((work) =>
      validating.includes(contestant)
        ? work.route === 'orders'
        : presenceIn(installed, work).present.includes(contestant),
    );
    for (const work of ofContestant) {
      const server = await startServer((port) => contestant.command(work, port));
      try {
        await checkResponse(work, server.port);
      } finally {
        await server.stop();
      }
    }
  });
}

for (const contestant of routesContestants) {
  test(`${contestant.name} responds correctly to every work of routes`, async () => {
    for (const work of routesWorks) {
      const server = await startServer((port) => contestant.command(work, port));
      try {
        await checkResponse(work, server.port);
      } finally {
        await server.stop();
      }
    }
  });
}

for (const contestant of (await presenceOf(compressContestants)).present) {
  test(`${contestant.name} responds correctly to every work of compress`, async () => {
    for (const work of compressWorks) {
      const server = await startServer((port) => contestant.command(work, port));
      try {
        await checkResponse(work, server.port);
      } finally {
        await server.stop();
      }
    }
  });
}

test('rejects the response of another work', async () => {
  const [floor] = installed.present;
  const [json, template] = ['json', 'template'].map((name) => httpWorks.find((work) => work.name === name));
  assert.ok(floor && json && template);
  const server = await startServer((port) => floor.command(json, port));
  try {
    await assert.rejects(
      checkResponse({ ...json, body: template.body, contentType: 'text/html' }, server.port),
      /The type/,
    );
    await assert.rejects(checkResponse({ ...json, body: Buffer.from('{}') }, server.port), /The body/);
  } finally {
    await server.stop();
  }
});
