import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presenceOf } from '../contestant.ts';
import { startServer } from '../server-process.ts';
import { broadcastContestants, echoContestants } from './contestants.ts';
import { checkMessages } from './message-check.ts';
import { echoWorks, fanoutWorks, type WebSocketWork } from './works.ts';

const fanout = workNamed(fanoutWorks, 'fanout-4');
const longFanout = workNamed(fanoutWorks, 'fanout-4-1k');
const echo = workNamed(echoWorks, 'echo');
/** Rivals are tested if they are installed. */
const { present } = await presenceOf(broadcastContestants);
const { present: echoing } = await presenceOf(echoContestants);

function workNamed(works: readonly WebSocketWork[], name: string): WebSocketWork {
  const work = works.find((one) => one.name === name);
  assert.ok(work);
  return work;
}

for (const contestant of present) {
  test(`${contestant.name} sends each message to all clients, short and long`, async () => {
    for (const work of [fanout, longFanout]) {
      const server = await startServer((port) => contestant.command(work, port));
      try {
        await checkMessages(work, server.port, contestant.dialect);
      } finally {
        await server.stop();
      }
    }
  });
}

for (const contestant of echoing) {
  test(`${contestant.name} sends each message back only to its sender`, async () => {
    const server = await startServer((port) => contestant.command(echo, port));
    try {
      await checkMessages(echo, server.port, contestant.dialect);
    } finally {
      await server.stop();
    }
  });
}

test('rejects a server that does another work or lacks the dialect', async () => {
  const [floor] = present;
  assert.ok(floor);
  for (const [done, asked, dialect, complaint] of [
    [echo, fanout, undefined, /Messages did not arrive in time: 3 at the sender, 0 at the other client/],
    [fanout, echo, undefined, /Unexpected message/],
    [fanout, fanout, 'socket.io', /The end of the handshake did not arrive in time/],
  ] as const) {
    const server = await startServer((port) => floor.command(done, port));
    try {
      await assert.rejects(checkMessages(asked, server.port, dialect, 1000), complaint);
    } finally {
      await server.stop();
    }
  }
});
