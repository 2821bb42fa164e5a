/** Runs the program of docs/guide/middleware.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing, startRedis } from '../src/testing/redis-server.ts';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/middleware.md');

test('the middlewares of the guide work as it says', async (t) => {
  const { port } = await startProgram(t, programs[0] ?? '');
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, { headers });
  const home = await ask('/');
  const [, nonce] = /nonce="([^"]+)"/.exec(await home.text()) ?? [];
  assert.ok(home.headers.get('content-security-policy')?.includes(`'nonce-${nonce}'`));
  assert.ok(home.headers.has('x-request-id'));
  const story = await ask('/story/7', { 'accept-encoding': 'br' });
  assert.equal(story.headers.get('content-encoding'), 'br');
  assert.match(await story.text(), /^(?:Story 7\. )+$/);
  assert.equal((await ask('/story/7?at=3')).status, 503);
  assert.equal((await ask('/admin')).status, 401);
  const authorization = `Basic ${Buffer.from('ada:correct horse').toString('base64')}`;
  assert.equal(await (await ask('/admin', { authorization })).text(), 'the admin');
  assert.match((await ask('/admin/log', { authorization })).headers.get('server-timing') ?? '', /^app;dur=/);
  const stories = await ask('/api/stories', { origin: 'https://app.example' });
  assert.deepEqual(await stories.json(), { stories: ['1', '2'] });
  assert.equal(stories.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.equal(stories.headers.get('ratelimit'), '"default";r=99;t=60');
});

test('two servers of the guide share a rate limit in Redis', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const program = (programs[1] ?? '').replace('redis://127.0.0.1:6379', redis.url);
  const servers = await Promise.all([startProgram(t, program), startProgram(t, program)]);
  const left: (string | null)[] = [];
  for (const { port } of servers) left.push((await fetch(`http://localhost:${port}/`)).headers.get('ratelimit'));
  assert.match(left[0] ?? '', /^"default";r=99;/);
  assert.match(left[1] ?? '', /^"default";r=98;/);
});
