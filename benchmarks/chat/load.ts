/**
 * The load of the chat, a separate process: `node load.ts PART PORT PID SETTINGS` measures a part against the server on PORT, which is the
 * process PID, and prints one line of JSON: the values by their names. A broken connection, an error of the server or a missing message
 * ends it with exit code 1.
 */
import { measureCrowd } from './crowd-load.ts';
import { measureOpening } from './opening-load.ts';
import { fail, type Target, type Values } from './target.ts';
import { measureWelcome } from './welcome-load.ts';
import { measureWindows } from './window-load.ts';

const parts: Readonly<Record<string, (target: Target, settings: never) => Promise<Values>>> = {
  crowd: measureCrowd,
  opening: measureOpening,
  welcome: measureWelcome,
  window: measureWindows,
};

const maxSeconds = 300;

const [name = '', port, pid, settings = '{}'] = process.argv.slice(2);
process.on('uncaughtException', fail);
setTimeout(() => fail(new Error(`The load did not end within ${maxSeconds} s.`)), maxSeconds * 1000);
const measure = parts[name];
if (measure === undefined) fail(new Error(`Unknown part ${name}.`));
console.log(JSON.stringify(await measure({ port: Number(port), pid: Number(pid) }, JSON.parse(settings) as never)));
process.exit(0);
