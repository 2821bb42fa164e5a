/**
 * Signals between servers, and the names of signal channels, which are not rooms.
 * The envelope separates the signals of the rooms from those of the application, whatever the application sends.
 */
import type { Person } from './stream.ts';

/** A person entered with their first connection, or left with their last. */
export type PresenceChange = 'enter' | 'leave';

/** A signal in the broker: of the rooms, or of the application. */
export type Envelope = { readonly presence: PresenceChange; readonly person: Person } | { readonly app: unknown };

/** The signal channel of everyone. */
export const everyoneChannel = '@everyone';

/** The signal channel of one person, for all their connections. */
export function personChannel(personId: string): string {
  return `@person:${personId}`;
}

/** Whether a name belongs to a signal channel, which is never a room. */
export function isSignalChannel(room: string): boolean {
  return room.startsWith('@');
}

/** Reads a signal of another server. Undefined if it is not an envelope. */
export function toEnvelope(data: unknown): Envelope | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  if ('app' in data) return data;
  if ('presence' in data && 'person' in data && (data.presence === 'enter' || data.presence === 'leave')) {
    return data as Envelope;
  }
  return undefined;
}
