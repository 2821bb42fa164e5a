/** A server stops within its grace when its Redis does not respond. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing, startRedis } from 'gale/testing';
import { startServer, Visitor } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';

/** The default of `graceMs`. */
const graceMs = 10_000;

for (const [name, away] of [
  ['no longer runs', 'kill'],
  ['accepts connections and does not respond', 'freeze'],
] as const) {
  test(`a server whose Redis ${name} stops within the grace with exit code 0`, { skip: redisMissing() }, async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    const server = await startServer(t, { args: [`--redis=${redis.url}`] });
    const ann = new Visitor(t, server.url);
    await ann.register('Ann');
    const window = await RawSocket.open(ann);
    await window.do('subscribe', { room: 'lobby' });
    await redis[away]();
    window.send(JSON.stringify({ type: 'publish', ref: 9, room: 'lobby', id: 'a', data: { text: 'hello' } }));
    const page = ann.get('/').catch(() => undefined);
    const since = performance.now();
    assert.equal(await server.end('SIGTERM'), 0, server.output);
    const took = performance.now() - since;
    assert.ok(took < graceMs, `${took} ms; ${server.output}`);
    assert.doesNotMatch(server.output, /did not stop in time/);
    await page;
  });
}
