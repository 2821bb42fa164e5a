import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing } from '../../../testing/redis-server.ts';
import { eventually, Recorder, someEntry, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { openBroker, startRedisFor } from '../../../../test/support/rooms/redis-brokers.ts';
import { startTcpServer } from '../../../../test/support/tcp-server.ts';

const skip = redisMissing();

describe('live delivery over Redis', { skip }, () => {
  test('subscribes again after Redis closed the connection', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const recorder = new Recorder();
    await broker.listen('lobby', recorder);
    assert.equal(await command(redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub'), 1);
    await eventually(() => recorder.doubts > 0);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => recorder.messages.length === 1);
  });

  for (const way of ['nothing arrives', 'Redis lost the subscriptions'] as const) {
    test(`subscribes again after a probe finds that ${way}`, async (t) => {
      const redis = await startRedisFor(t);
      const proxy = await startProxy(t, redis.port);
      const broker = await openBroker(t, proxy.url, { commandTimeoutMs: 200, probeMs: 200 });
      const recorder = new Recorder();
      await broker.listen('lobby', recorder);
      await broker.publish('lobby', someEntry(), usual);
      await eventually(() => recorder.messages.length === 1);
      proxy.deafen(way === 'Redis lost the subscriptions');
      await eventually(() => recorder.doubts > 0);
      await broker.publish('lobby', someEntry(), usual);
      await eventually(() => recorder.offsets.at(-1) === 2);
    });
  }
});

/** A proxy between a broker and Redis. `deafen` stops the messages of subscriptions without closing their connections. */
async function startProxy(t: TestContext, redisPort: number): Promise<{ url: string; deafen(forget: boolean): void }> {
  const subscribers = new Set<{ socket: Socket; upstream: Socket }>();
  const { url } = await startTcpServer(t, (socket) => {
    const upstream = connect(redisPort, '127.0.0.1');
    upstream.on('error', () => {});
    upstream.on('data', (data) => socket.write(data));
    socket.on('data', (data) => {
      if (data.includes('ssubscribe')) subscribers.add({ socket, upstream });
      upstream.write(data);
    });
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  return {
    url,
    deafen(forget) {
      assert.ok(subscribers.size > 0);
      for (const { upstream } of subscribers) {
        upstream.removeAllListeners('data');
        upstream.resume();
        if (forget) upstream.write('SUNSUBSCRIBE\r\n');
      }
      subscribers.clear();
    },
  };
}
