/**
 * Signals between servers, and the names of signal channels, which are not rooms.
 * The envelope keeps the rooms' own signals apart from an application's, whatever that sends.
 */
import type { Person } from './stream.ts';

/** Somebody entered with their first connection, or left with their last. */
export type PresenceChange = 'enter' | 'leave';

/** A signal as it travels through the broker: the rooms' own, or an application's. */
export type Envelope = { readonly presence: PresenceChange; readonly person: Person } | { readonly app: unknown };

/** The signal channel of everyone. */
export const everyoneChannel = '@everyone';

/** The signal channel of one person, for all their connections. */
export function personChannel(personId: string): string {
  return `@person:${personId}`;
}

/** Whether the name is that of a signal channel, which is never a room. */
export function isSignalChannel(room: string): boolean {
  return room.startsWith('@');
}

/** Reads what another server sent; undefined for what is no envelope. */
export function toEnvelope(data: unknown): Envelope | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  if ('app' in data) return data;
  if ('presence' in data && 'person' in data && (data.presence === 'enter' || data.presence === 'leave')) {
    return data as Envelope;
  }
  return undefined;
}
