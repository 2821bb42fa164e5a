/**
 * The load of the WebSocket benchmarks, a separate process: `node load.ts WORK PORT PID SECONDS [DIALECT]` runs the work on the
 * server on PORT, which is the process PID, and prints one line of JSON, a {@link Figures}. An unexpected message, or a broken
 * connection, ends it with exit code 1.
 */
import type { Figures } from '../figures.ts';
import { measureWindow, type Tally } from '../window.ts';
import { clientSetting, type ClientSetting } from './client.ts';
import { ConnectLoad } from './connect-load.ts';
import { EchoLoad } from './echo-load.ts';
import { FanoutLoad } from './fanout-load.ts';
import { measureIdle } from './idle-load.ts';
import { webSocketWorks, type WebSocketWork } from './works.ts';

const [name, port, pid, seconds, dialect] = process.argv.slice(2);
/** Longest run, far longer than any measurement, in case a server stops responding. */
const maxSeconds = 120;

process.on('uncaughtException', (error) => fail(error.message));
setTimeout(() => fail(`The load did not end within ${maxSeconds} s.`), maxSeconds * 1000 + Number(seconds) * 1000);
const work = webSocketWorks.find((known) => known.name === name) ?? fail(`Unknown work ${name}.`);
const setting = clientSetting(work, Number(port), dialect);
console.log(JSON.stringify(await measure(setting, work)));
process.exit(0);

async function measure(setting: ClientSetting, work: WebSocketWork): Promise<Figures> {
  if (work.kind === 'idle') return measureIdle(setting, work, Number(pid));
  return measureWindow(await startLoad(setting, work), Number(pid), Number(seconds));
}

async function startLoad(setting: ClientSetting, work: WebSocketWork): Promise<Tally> {
  if (work.kind === 'fanout') return FanoutLoad.start(setting, work);
  if (work.kind === 'echo') return EchoLoad.start(setting, work);
  return ConnectLoad.start(setting, work);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
