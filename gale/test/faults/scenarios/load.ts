/** Scenarios 20 to 23 and 25 to 29: slow readers, hot rooms, floods, hostile frames, and processes without resources. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { compressedBit, opcodes } from '../../../src/websocket/protocol/frame.ts';
import { upgradeRequestOffering, WebSocketPeer } from '../../support/websocket/websocket-peer.ts';
import type { Consumer } from '../consumer.ts';
import { judgeLatency, judgeResources } from '../measured-limits.ts';
import { toPosition } from '../publisher.ts';
import { RoomConnection } from '../room-connection.ts';
import { addressOf } from '../route.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

/** Judges I8 for healthy consumers between `middle` and now, compared with the time before it. */
function judgeHealthy(trial: Trial, healthy: readonly Consumer[], from: number, middle: number): void {
  const [before, during] = [
    trial.latencies(healthy, from, middle),
    trial.latencies(healthy, middle, performance.now()),
  ];
  trial.noteLatency('without the fault', before);
  trial.noteLatency('during the fault', during);
  trial.violations.push(...judgeLatency(before, during));
}

export const loadScenarios: readonly Scenario[] = [
  {
    number: 20,
    name: 'Stalled reader',
    group: 'load',
    scale: '1 of 10 consumers instead of 10,000 stops to read; messages of 16 KB.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', rooms: { historyCount: 5000 } });
      const [stalled, ...healthy] = await trial.crowd(10);
      const writer = trial.publisher({ bytes: 16_000, intervalMs: 4 }).start();
      const beganAt = performance.now();
      await writer.acknowledged(200);
      const stalledAt = performance.now();
      const { connections } = await cluster.node().measure();
      stalled?.connection?.socket.pause();
      await trial.until(
        async () => (await cluster.node().connections()) < connections,
        'the server closes the stalled reader',
        30_000,
      );
      judgeHealthy(trial, healthy, beganAt, stalledAt);
      stalled?.connection?.socket.resume();
      await trial.until(() => stalled?.connects === 2, 'the reader is back');
      trial.notes.push(`the stalled reader was closed with ${stalled?.closeCodes[0]}`);
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      trial.expect(
        healthy.every(({ connects }) => connects === 1),
        'a healthy reader lost its connection',
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 21,
    name: 'Many slow readers',
    group: 'load',
    scale: '4 of 24 consumers read 64 KB/s while 200 KB/s are published, for 8 s.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', proxies: true });
      const { proxy, url } = cluster.node();
      const healthy = await trial.crowd(20, { route: () => url });
      const slow = await trial.crowd(4, { connection: { silenceMs: 30_000 } });
      const writer = trial.publisher({ bytes: 4000, intervalMs: 16, route: () => url }).start();
      const beganAt = performance.now();
      await wait(2000);
      const before = await cluster.node().measure();
      const slowAt = performance.now();
      proxy.bytesPerSecond = 64_000;
      await wait(8000);
      const after = await cluster.node().measure();
      trial.violations.push(...judgeResources({ ...before, connections: after.connections }, after, 48));
      judgeHealthy(trial, healthy, beganAt, slowAt);
      trial.notes.push(`slow readers reconnected ${slow.reduce((sum, { connects }) => sum + connects - 1, 0)} times`);
      proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 22,
    name: 'Pong under pressure',
    group: 'load',
    scale: 'A reader gets 300 KB/s of 250 KB/s published, with pings every 500 ms, for 6 s.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({
        broker: 'memory',
        proxies: true,
        websocket: { pingIntervalMs: 500, pongTimeoutMs: 500 },
      });
      const { proxy, url } = cluster.node();
      const [reader] = await trial.crowd(1, { connection: { silenceMs: 20_000 } });
      const writer = trial.publisher({ bytes: 8000, intervalMs: 30, route: () => url }).start();
      await writer.acknowledged(20);
      proxy.bytesPerSecond = 300_000;
      let pongs = 0;
      reader?.connection?.socket.on('pong', () => (pongs += 1));
      for (let round = 0; round < 12; round++) {
        reader?.connection?.socket.ping();
        await wait(500);
      }
      trial.expect(reader?.connects === 1, `the reader lost its connection: ${reader?.closeCodes}`);
      trial.expect(pongs >= 8, `12 pings got ${pongs} pongs`);
      proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 20);
    },
  },
  {
    number: 23,
    name: 'Hot room',
    group: 'load',
    scale: '1,000 subscribers instead of 100,000 at 2 nodes; one message, then 10 per second instead of 50.',
    async run(trial) {
      await trial.start();
      const crowd = await trial.crowd(1000, { connection: { silenceMs: 20_000, welcomeMs: 20_000 } });
      const writer = trial.publisher();
      const beganAt = performance.now();
      await writer.publish();
      await trial.until(() => crowd.every((consumer) => consumer.count() === 1), 'all have the first message');
      trial.noteLatency('one message', trial.latencies(crowd, beganAt, performance.now()));
      const hotAt = performance.now();
      for (let index = 0; index < 30; index++) {
        await writer.publish();
        await wait(100);
      }
      await trial.complete();
      trial.noteLatency('10 per second', trial.latencies(crowd, hotAt, performance.now()));
      trial.expect(
        crowd.every(({ connects }) => connects === 1),
        'a subscriber lost its connection',
      );
    },
  },
  {
    number: 25,
    name: 'Slow handler',
    group: 'load',
    scale: 'One connection sends 36 MB instead of 512 MB at once; every message takes the server 5 ms.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', rooms: { historyCount: 50 } });
      const node = cluster.node();
      await node.order({ order: 'slowData', ms: 5 });
      const before = await node.measure();
      const flood = await RoomConnection.open(addressOf(node.url, 'flood'), { silenceMs: 60_000 });
      let residentMiB = 0;
      const stop = trial.repeat(async () => {
        residentMiB = Math.max(residentMiB, (await node.measure()).residentMiB);
      }, 100);
      const data = 'x'.repeat(60_000);
      const offsets: number[] = [];
      const sent = Array.from({ length: 600 }, async (_, index) => {
        const record = trial.history.publish('flood', lobby, `flood-${index}`);
        const reply = await flood.ask('publish', { room: lobby, id: record.id, data });
        record.replies.push(toPosition(reply));
        record.outcome = 'acknowledged';
        record.settledAt = performance.now();
        offsets.push(Number(reply['offset']));
      });
      await Promise.all(sent);
      await stop();
      trial.expect(
        offsets.every((offset, index) => offset === index + 1),
        'the order was not kept',
      );
      trial.violations.push(...judgeResources({ ...before, connections: 1 }, { connections: 1, residentMiB }, 64));
      trial.notes.push(`resident memory ${before.residentMiB} to ${residentMiB} MiB`);
      flood.drop();
    },
  },
  {
    number: 26,
    name: 'Hostile frames',
    group: 'load',
    scale: 'Invalid UTF-8, reserved bits, 3,000 fragments, a frame of 70 KB and a deflate bomb of 8 MB, 5 times each.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', websocket: { compress: true } });
      const node = cluster.node();
      await trial.crowd(4);
      const writer = trial.publisher({ intervalMs: 5 }).start();
      const attacks: readonly [name: string, code: number, attack: (peer: WebSocketPeer) => void][] = [
        ['invalid UTF-8', 1007, (peer) => peer.send(opcodes.text, Buffer.from([0xc3, 0x28]))],
        ['reserved opcode', 1002, (peer) => peer.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))],
        ['large frame', 1009, (peer) => peer.send(opcodes.text, 'x'.repeat(70_000))],
        [
          'fragments',
          1009,
          (peer) => {
            peer.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]));
            for (let count = 0; count < 3000; count++) peer.write(Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61]));
          },
        ],
        [
          'deflate bomb',
          1009,
          (peer) => peer.send(opcodes.text, deflateRawSync(Buffer.alloc(8 * 2 ** 20)), { reserved: compressedBit }),
        ],
      ];
      const before = await node.measure();
      for (let round = 0; round < 5; round++) {
        for (const [name, code, attack] of attacks) {
          const socket = connect(node.word.port, '127.0.0.1');
          const peer = new WebSocketPeer(socket);
          const request = upgradeRequestOffering(
            'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
          );
          peer.write(request.replace('GET / ', 'GET /socket?name=mallory '));
          await trial.until(() => peer.responseHead.endsWith('\r\n\r\n'), 'the server accepts the connection');
          attack(peer);
          await trial.until(
            () => peer.closed || peer.events.some((event) => event.startsWith('close ')),
            `${name} ends the connection`,
          );
          const close = peer.events.find((event) => event.startsWith('close ')) ?? 'no close frame';
          trial.expect(close.startsWith(`close ${code}`), `${name}: must close with ${code}; got ${close}`);
          socket.destroy();
        }
      }
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 20);
      await trial.until(async () => (await node.connections()) <= before.connections, 'the attackers are gone', 15_000);
      trial.violations.push(...judgeResources(before, await node.measure(), 64));
      trial.expect(
        trial.consumers.every(({ connects }) => connects === 1),
        'a neighbor lost its connection',
      );
    },
  },
  {
    number: 27,
    name: 'Event loop blocked',
    group: 'load',
    scale: 'A node computes for 2.5 s instead of 5 s without a pause, 3 times; pings every 500 ms.',
    async run(trial) {
      const cluster = await trial.start({ websocket: { pingIntervalMs: 500, pongTimeoutMs: 500 } });
      const crowd = await trial.crowd(20, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      const writers = [0, 1].map((index) =>
        trial.publisher({ route: cluster.only(index), intervalMs: 5, replyMs: 10_000 }).start(),
      );
      for (let round = 1; round <= 3; round++) {
        await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
        await cluster.node(0).order({ order: 'block', ms: 2500 });
        trial.healed();
      }
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      await wait(1500);
      const lost = crowd.filter(({ connects }) => connects > 1);
      trial.expect(lost.length === 0, `${lost.length} of 20 connections ended: ${lost[0]?.closeCodes}`);
    },
  },
  {
    number: 28,
    name: 'Memory pressure',
    group: 'load',
    scale:
      'A node with a heap of 40 MiB serves 60 stalled readers and a flood of 32 KB messages; if it dies it starts again. Shedding new connections is not tested: the limit of a node is maxConnections.',
    async run(trial) {
      const cluster = await trial.start({
        nodes: 1,
        flags: ['--max-old-space-size=40'],
        rooms: { historyCount: 3000 },
      });
      const node = cluster.node();
      await trial.crowd(4);
      const stalled = await trial.crowd(60);
      for (const consumer of stalled) consumer.connection?.socket.pause();
      const writers = Array.from({ length: 4 }, () => trial.publisher({ bytes: 32_000, intervalMs: 0 }).start());
      const endsAt = performance.now() + 4000;
      let deaths = 0;
      while (performance.now() < endsAt) {
        if (!node.isRunning) {
          deaths += 1;
          await node.start();
        }
        await wait(20);
      }
      trial.notes.push(`the node died ${deaths} times`);
      for (const consumer of stalled) {
        consumer.connection?.socket.resume();
        await consumer.quit();
      }
      if (!node.isRunning) await node.start();
      trial.healed();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 5);
    },
  },
  {
    number: 29,
    name: 'No file descriptors',
    group: 'load',
    scale: 'A node may open 20 more files; 60 clients try to connect.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory' });
      const node = cluster.node();
      const healthy = await trial.crowd(5);
      const writer = trial.publisher({ intervalMs: 5 }).start();
      await writer.acknowledged(20);
      const limit = readdirSync(`/proc/${node.pid}/fd`).length + 20;
      limitFiles(node.pid, limit);
      const extra = Array.from({ length: 60 }, () => trial.consumer({ connection: { welcomeMs: 500 } }).start());
      await wait(2000);
      const connected = extra.filter((consumer) => consumer.isSubscribed).length;
      trial.notes.push(`${connected} of 60 connected`);
      trial.expect(connected <= 25, `${connected} connections with 20 files`);
      trial.expect(
        healthy.every(({ connects }) => connects === 1),
        'an existing connection ended',
      );
      const count = writer.acknowledgedCount;
      await writer.acknowledged(count + 20);
      limitFiles(node.pid, 4096);
      trial.healed();
      await Promise.all(extra.map((consumer) => consumer.ready()));
      await writer.acknowledged(writer.acknowledgedCount + 20);
    },
  },
];

function limitFiles(pid: number, count: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${count}:`]);
  if (status !== 0) throw new Error(`prlimit failed: ${String(stderr)}`);
}
