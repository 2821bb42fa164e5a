/** Servers with rooms: the floor, Gale with each broker, and Socket.IO. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { galeProgram, galeVersion, node, outputOf, versionOf } from '../installed.ts';
import { startServer } from '../server-process.ts';

/** A server with rooms. */
export interface RoomContestant {
  readonly name: string;
  readonly usesRedis?: true;
  readonly dialect: string;
  readonly command: (port: number, redis: string) => readonly string[];
  /** Rejects if it is not installed. */
  readonly version: () => Promise<string>;
}

const floorVersion = (what: string) => (): Promise<string> => Promise.resolve(`node:net, ${what}, ${node}`);

function gale(name: string, brokerOf: (redis: string) => string): RoomContestant {
  return {
    name,
    dialect: 'gale',
    command: (port, redis) => [
      ...galeProgram,
      'servers/gale-rooms.ts',
      `--port=${port}`,
      `--broker=${brokerOf(redis)}`,
      '--limits=off',
    ],
    version: async () => `${await galeVersion()}, ${node}`,
  };
}

/** In memory: the floor writes nothing. */
export const floorMemory: RoomContestant = {
  name: 'floor-memory',
  dialect: 'gale',
  command: (port) => [process.execPath, 'servers/floor-rooms.ts', `--port=${port}`, 'memory'],
  version: floorVersion('nothing is stored'),
};
/** Writes and syncs the same texts. */
export const floorDisk: RoomContestant = {
  name: 'floor-disk',
  dialect: 'gale',
  command: (port) => [process.execPath, 'servers/floor-rooms.ts', `--port=${port}`],
  version: floorVersion('one write and fdatasync for all publishes that arrived meanwhile'),
};
/** The memory broker. */
export const galeMemory: RoomContestant = gale('gale-memory', () => 'memory');
/** The SQLite broker. */
export const galeSqlite: RoomContestant = gale('gale-sqlite', () => 'sqlite');
/** The Redis broker; Redis syncs every write. */
export const galeRedis: RoomContestant = { ...gale('gale-redis', (redis) => redis), usesRedis: true };
/** Socket.IO with the Redis Streams adapter and connection state recovery. */
export const socketIo: RoomContestant = {
  name: 'socket.io',
  usesRedis: true,
  dialect: 'socket.io',
  command: (port, redis) => [process.execPath, 'rivals/socket-io-rooms.js', `--port=${port}`, `--redis=${redis}`],
  version: async () =>
    `${await versionOf('socket.io')}, Redis Streams adapter ${await versionOf('@socket.io/redis-streams-adapter')}, ${node}`,
};
/** A broadcast without rooms. */
export const galeBroadcast: RoomContestant = {
  name: 'gale-broadcast',
  dialect: 'broadcast',
  command: (port) => [...galeProgram, '../examples/run.ts', 'broadcast', `--port=${port}`],
  version: async () => `examples/broadcast.ts, ${await galeVersion()}, ${node}`,
};

/** Version of Redis. @throws If it is not installed. */
export async function redisVersion(): Promise<string> {
  return /v=(\S+)/.exec(await outputOf('redis-server', '--version'))?.[1] ?? 'unknown';
}

/**
 * Starts a contestant on the first core, and its Redis on the second, and runs a load there.
 *
 * @param load - Program beside this file; its arguments are port, process id and `work` as JSON.
 * @returns What the load printed.
 */
export async function runLoad<Figures>(contestant: RoomContestant, load: string, work: object): Promise<Figures> {
  const redis = contestant.usesRedis
    ? await startServer((port) => ['sh', 'servers/redis.sh', `--port=${port}`], 1)
    : undefined;
  try {
    const server = await startServer((port) => contestant.command(port, `redis://127.0.0.1:${redis?.port}`));
    try {
      const program = fileURLToPath(new URL(load, import.meta.url));
      const words = [String(server.port), String(server.pid), JSON.stringify({ ...work, dialect: contestant.dialect })];
      const command = [process.execPath, '--conditions=gale-source', program, ...words];
      const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', ...command]);
      return JSON.parse(stdout) as Figures;
    } finally {
      await server.stop();
    }
  } catch (error) {
    throw new Error(`${contestant.name} failed.`, { cause: error });
  } finally {
    await redis?.stop();
  }
}
