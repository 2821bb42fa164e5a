/** Scenarios 25, 26, 28 and 29: floods, hostile frames, and nodes without memory or file descriptors. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { compressedBit, opcodes } from '../../../src/websocket/protocol/frame.ts';
import { upgradeRequestOffering, WebSocketPeer } from '../../support/websocket/websocket-peer.ts';
import { judgeResources } from '../measured-limits.ts';
import { toPosition } from '../publisher.ts';
import { RoomConnection } from '../room-connection.ts';
import { addressOf } from '../route.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';

export const exhaustionScenarios: readonly Scenario[] = [
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
