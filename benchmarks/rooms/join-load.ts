/**
 * The load of rooms-join, a separate process: `node join-load.ts PORT PID PEOPLE` lets PEOPLE different people join one room
 * of the server on PORT, which is the process PID, and prints one line of JSON, a {@link JoinFigures}. A broken connection,
 * a missing or wrong message, or a count that stays wrong ends it with exit code 1.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Latency } from '../latency.ts';
import { readProcessCost } from '../process-cost.ts';
import { readRestingCost } from '../window.ts';
import type { JoinFigures } from './join-figures.ts';
import { Member, memberSetting } from './member.ts';

/** Maximum number of people who connect or subscribe at the same time. */
const inFlight = 32;
/** Number of people who first join another room and leave, as warm-up. */
const warmCount = 200;
const maxSeconds = 120;

const [port, pid, people] = process.argv.slice(2).map(Number) as [number, number, number];

process.on('uncaughtException', fail);
setTimeout(() => fail(new Error(`The load did not end within ${maxSeconds} s.`)), maxSeconds * 1000);
await warmUp();
console.log(JSON.stringify(await measure()));
process.exit(0);

async function measure(): Promise<JoinFigures> {
  const latency = new Latency();
  const crowd = new Set<Member>();
  const arrived = Promise.withResolvers<void>();
  let publishedAt = 0;
  const setting = memberSetting({
    port,
    room: 'hall',
    onFailure: fail,
    onMessage(member) {
      // Later members get it from the history.
      if (!crowd.delete(member)) return;
      latency.record(performance.now() - publishedAt, 1);
      if (crowd.size === 0) arrived.resolve();
    },
  });
  const members = Array.from({ length: people }, (_, index) => new Member(setting, `p${index}`));
  const before = await readRestingCost(pid);
  const startedAt = performance.now();
  const ownBefore = process.cpuUsage();
  const joined: Member[] = [];
  await inTurn(members, async (member) => {
    await member.join();
    joined.push(member);
    if (joined.length !== Math.ceil(people / 2)) return;
    for (const there of joined) crowd.add(there);
    publishedAt = performance.now();
    joined[0]!.publish('middle');
  });
  await arrived.promise;
  await until(() => members.every(({ messages, peopleCount }) => messages === 1 && peopleCount === people));
  const elapsed = (performance.now() - startedAt) / 1000;
  const cpuSeconds = (readProcessCost(pid).cpuMicroseconds - before.cpuMicroseconds) / 1e6;
  const own = process.cpuUsage(ownBefore);
  const after = await readRestingCost(pid);
  if (members.some(({ messages }) => messages !== 1)) throw new Error('Received a message twice.');
  return {
    people,
    wallSeconds: elapsed,
    cpuSeconds,
    residentBytesEach: (after.residentBytes - before.residentBytes) / people,
    p50Milliseconds: latency.at(0.5),
    p99Milliseconds: latency.at(0.99),
    presenceEventsEach: members.reduce((sum, { presenceEvents }) => sum + presenceEvents, 0) / people,
    loadShare: (own.user + own.system) / 1e6 / elapsed,
  };
}

async function warmUp(): Promise<void> {
  const setting = memberSetting({ port, room: 'porch', onFailure: fail, onMessage() {} });
  const members = Array.from({ length: warmCount }, (_, index) => new Member(setting, `warm${index}`));
  await inTurn(members, (member) => member.join());
  await until(() => members.every(({ peopleCount }) => peopleCount === warmCount));
  for (const member of members) member.reset();
}

/** Runs a step for all members, for several at the same time. */
async function inTurn(members: readonly Member[], run: (member: Member) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let member; (member = members[next++]);) await run(member);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(20);
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
