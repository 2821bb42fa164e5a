/**
 * What the processes of one program say to each other: a worker is born with its place, says that it is ready, and is told to
 * stop. Both sides of the channel are here, so that neither file has to know the other.
 */
import type { ProgramProcess } from './serving-process.ts';

/** Holds a worker's place, as JSON; environment, since it has to be there before the first line of the program runs. */
const placeVariable = 'GALE_PROCESS';

/** From a worker: it serves. */
export const readyMessage: { readonly gale: string } = { gale: 'ready' };
/** To a worker: stop in good order. */
export const stopMessage: { readonly gale: string } = { gale: 'stop' };

/** Whether `value`, which may be any message of the application too, is `message`. */
export function isMessage(value: unknown, message: { readonly gale: string }): boolean {
  return typeof value === 'object' && value !== null && 'gale' in value && value.gale === message.gale;
}

/** The environment that gives a worker its place. */
export function environmentFor(place: ProgramProcess): Readonly<Record<string, string>> {
  return { [placeVariable]: JSON.stringify(place) };
}

/** The place this process was born with, if it is a worker; taken out of the environment, so that no child inherits it. */
export function takePlace(): ProgramProcess | undefined {
  const text = process.env[placeVariable];
  delete process.env[placeVariable];
  return text === undefined ? undefined : (JSON.parse(text) as ProgramProcess);
}
