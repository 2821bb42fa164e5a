/** Contestants over WebSocket: the floor, Gale and its rivals, all without compression. */
import type { Contestant } from '../contestant.ts';
import {
  bun,
  bunVersion,
  galeProgram,
  galeVersion,
  node,
  outputOf,
  python,
  smallYoungGeneration,
  tornadoVersion,
  versionOf,
  withNpm,
} from '../installed.ts';
import type { WebSocketWork } from './works.ts';

/** All contestants, in the order of measurement; some only broadcast. */
const all: readonly (Contestant<WebSocketWork> & { readonly onlyBroadcasts?: true })[] = [
  {
    name: 'floor',
    command: ({ program }, port) => [process.execPath, 'servers/floor-websocket.ts', `--port=${port}`, program],
    version: () => Promise.resolve(`node:net, a write for each frame, ${node}`),
    installation: '',
  },
  {
    name: 'floor-joined',
    onlyBroadcasts: true,
    command: (_work, port) => [process.execPath, 'servers/floor-websocket.ts', `--port=${port}`, 'broadcast-joined'],
    version: () => Promise.resolve(`node:net, frames of one turn of the event loop in one write, ${node}`),
    installation: '',
  },
  {
    name: 'gale',
    command: ({ program }, port) => [...galeProgram, '../examples/run.ts', program, `--port=${port}`],
    version: async () => `${await galeVersion()}, ${node}`,
    installation: '',
  },
  {
    name: 'ws',
    command: ({ program }, port) => [process.execPath, 'rivals/ws.js', `--port=${port}`, program],
    version: async () => `${await versionOf('ws')}, ${node}`,
    installation: withNpm,
  },
  {
    name: 'socket.io',
    onlyBroadcasts: true,
    command: (_work, port) => [process.execPath, 'rivals/socket-io.js', `--port=${port}`],
    version: async () => `${await versionOf('socket.io')}, ws ${await versionOf('ws')}, ${node}`,
    installation: withNpm,
    dialect: 'socket.io',
  },
  {
    name: 'bun',
    command: ({ program }, port) => [bun, 'rivals/bun-websocket.js', `--port=${port}`, program],
    version: bunVersion,
    installation: withNpm,
  },
  {
    name: 'nchan',
    onlyBroadcasts: true,
    command: (_work, port) => ['/bin/sh', 'rivals/nchan.sh', `--port=${port}`],
    version: nchanVersion,
    installation: 'apt-get install nginx libnginx-mod-nchan',
  },
  {
    name: 'tornado',
    command: ({ program }, port) => [python, 'rivals/tornado-websocket.py', `--port=${port}`, program],
    version: tornadoVersion,
    installation: 'apt-get install python3-tornado',
  },
];

/** Contestants that broadcast. */
export const broadcastContestants: readonly Contestant<WebSocketWork>[] = all;

/** Contestants that echo. */
export const echoContestants: readonly Contestant<WebSocketWork>[] = all.filter((one) => !one.onlyBroadcasts);

/**
 * Contestants for idle connections. V8 lets its young generation grow to a multiple of its live objects, which counts as
 * memory of the connections. `npm run example` keeps Gale's small, so the list also has Gale without that option, and others
 * with it.
 */
export const idleContestants: readonly Contestant<WebSocketWork>[] = all
  .filter(({ name }) => name !== 'floor-joined')
  .flatMap((one) => {
    if (one.name === 'gale') return [one, variant(one, 'gale-default', withoutSmallYoungGeneration)];
    if (one.name === 'floor' || one.name === 'ws')
      return [one, variant(one, `${one.name}-small`, withSmallYoungGeneration)];
    return [one];
  });

type Command = readonly string[];

function variant(
  one: Contestant<WebSocketWork>,
  name: string,
  change: (command: Command) => Command,
): Contestant<WebSocketWork> {
  return { ...one, name, command: (work, port) => change(one.command(work, port)) };
}

function withSmallYoungGeneration([program = '', ...words]: Command): Command {
  return [program, smallYoungGeneration, ...words];
}

function withoutSmallYoungGeneration(command: Command): Command {
  return command.filter((word) => word !== smallYoungGeneration);
}

async function nchanVersion(): Promise<string> {
  const [module, nginx] = await Promise.all([
    outputOf('dpkg-query', '--show', '--showformat=${Version}', 'libnginx-mod-nchan'),
    outputOf('nginx', '-v'),
  ]);
  return `${module}, ${nginx.replace(/^nginx version: /, '')}`;
}
