/** The chat as users start it, pinned to one core, with SQLite in a copy of a seeded folder. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { galeProgram } from '../installed.ts';
import { startServer, type ServerProcess } from '../server-process.ts';
import { seedFolder, type Seed } from './seed.ts';

/** Options for works in which one person sends many commands. All other limits are those of users. */
const manyCommands: readonly string[] = [
  '--command-burst=1000000',
  '--person-publish-burst=100000',
  '--room-publish-burst=100000',
];

/** How long the server may take to write a profile, in milliseconds. */
const profileMs = 20_000;

/** How a server is started. */
export interface ChatStart {
  /** Whether one person may send many commands at once. */
  readonly manyCommands?: boolean;
  /** Folder for CPU profiles of all threads; empty for none. */
  readonly profile?: string;
}

/** A data folder that is written once and copied for each server. */
export class SeededFolder {
  readonly #seed: Seed;
  #template: Promise<string> | undefined;

  constructor(seed: Seed) {
    this.#seed = seed;
  }

  /** Starts a server with a copy of the folder. */
  async start({ manyCommands: many = false, profile = '' }: ChatStart = {}): Promise<ServerProcess> {
    const template = await (this.#template ??= this.#write());
    const folder = await mkdtemp(join(tmpdir(), 'gale-bench-chat-'));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      await cp(template, folder, { recursive: true });
      const server = await startServer((port) => [
        ...galeProgram,
        ...(profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
        '../chat/server.ts',
        `--port=${port}`,
        '--host=127.0.0.1',
        `--data=${folder}`,
        '--redis=',
        '--database=',
        ...(many ? manyCommands : []),
      ]);
      const stop = async (): Promise<void> => {
        if (profile !== '') await endGently(server.pid);
        await server.stop();
        await remove();
      };
      return { ...server, stop };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    if (this.#template) await rm(await this.#template, { recursive: true, force: true });
  }

  async #write(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'gale-bench-seed-'));
    await seedFolder(folder, this.#seed);
    return folder;
  }
}

/** Lets a server shut down, which writes its profiles. */
async function endGently(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (const until = performance.now() + profileMs; performance.now() < until; await delay(50)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
}
