/**
 * Messages between the processes of one program: the primary gives a worker its position and sends it a stop message; a worker
 * sends a ready message. Both sides of the channel are here, so that program.ts and worker-processes.ts agree on them.
 */
import type { ProgramProcess } from './serving-process.ts';

/** Environment variable with the position of a worker as JSON. Unlike a message, it is available before the program runs. */
const positionVariable = 'GALE_PROCESS';

/** A worker sends it when it serves. */
export const readyMessage: { readonly gale: string } = { gale: 'ready' };
/** The primary sends it so that a worker shuts down gracefully. */
export const stopMessage: { readonly gale: string } = { gale: 'stop' };

/** Whether `value` is `message`. It may also be any message of the application. */
export function isMessage(value: unknown, message: { readonly gale: string }): boolean {
  return typeof value === 'object' && value !== null && 'gale' in value && value.gale === message.gale;
}

/** Returns the environment that gives a worker its position. */
export function environmentFor(position: ProgramProcess): Readonly<Record<string, string>> {
  return { [positionVariable]: JSON.stringify(position) };
}

/** Returns the position of this process if it is a worker, and removes it from the environment, so that no child inherits it. */
export function takePosition(): ProgramProcess | undefined {
  const text = process.env[positionVariable];
  delete process.env[positionVariable];
  return text === undefined ? undefined : (JSON.parse(text) as ProgramProcess);
}
