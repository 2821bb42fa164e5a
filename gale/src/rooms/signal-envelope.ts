/**
 * What goes over a room's lane for signals, and the names of the lanes that are no rooms.
 * The envelope keeps the hub's own signals apart from an application's, whatever that sends.
 */
import type { Person } from './stream.ts';

/** Somebody entered with their first connection, or left with their last. */
export type PresenceChange = 'enter' | 'leave';

/** A signal as it travels through the broker: the hub's own, or an application's. */
export type Envelope = { readonly presence: PresenceChange; readonly person: Person } | { readonly app: unknown };

/** The lane on which all servers tell everyone. */
export const everyoneLane = '@everyone';

/** The lane on which all servers tell one person, in whatever windows they have. */
export function personLane(personId: string): string {
  return `@person:${personId}`;
}

/** Whether the name is a lane's, and so never a room's. */
export function isLane(room: string): boolean {
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
