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
/** Rivals take part where they are installed. */
const { present } = await presenceOf(broadcastContestants);
const { present: echoing } = await presenceOf(echoContestants);

function workNamed(works: readonly WebSocketWork[], name: string): WebSocketWork {
  const work = works.find((one) => one.name === name);
  assert.ok(work);
  return work;
}

for (const contestant of present) {
  test(`${contestant.name} sends each message to everybody, short and long`, async () => {
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
  test(`${contestant.name} sends each message back to its sender alone`, async () => {
    const server = await startServer((port) => contestant.command(echo, port));
    try {
      await checkMessages(echo, server.port, contestant.dialect);
    } finally {
      await server.stop();
    }
  });
}

test('a server that does another work, or does not speak the dialect, is refused', async () => {
  const [floor] = present;
  assert.ok(floor);
  for (const [done, asked, dialect, complaint] of [
    [echo, fanout, undefined, /Messages did not come: 3 came to the sender, 0 to the other/],
    [fanout, echo, undefined, /Another message was expected/],
    [fanout, fanout, 'socket.io', /The end of the handshake did not come/],
  ] as const) {
    const server = await startServer((port) => floor.command(done, port));
    try {
      await assert.rejects(checkMessages(asked, server.port, dialect, 1000), complaint);
    } finally {
      await server.stop();
    }
  }
});
