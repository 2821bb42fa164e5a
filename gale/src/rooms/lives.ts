/**
 * Lives of a store. A life is one run of the store as primary: one opening of an SQLite file, a run or a promotion of Redis.
 * A store that goes back to an older state begins another life. The head of a room records in which life each offset was
 * stored, so a position with its life shows whether its message is part of the stream, also after the message was trimmed.
 * Runs in browsers too.
 */
import type { Position } from './stream.ts';

/** One life of the store, as far as a room is concerned: it covers the offsets from `first` to the one before the next life. */
export interface Life {
  /** Unique name. */
  readonly name: string;
  /** Offset of the first message of the room in this life. */
  readonly first: number;
}

/** The lives in which the messages of a room were stored, newest first. At most {@link maxLives}. */
export type Lives = readonly Life[];

/** Most lives that a room records. The oldest are dropped; positions in them are reset. */
export const maxLives = 64;

/** The life of messages that a version without lives stored. */
export const earlyLife = '-';

/** What is needed to judge a position. */
export interface StreamTop {
  readonly epoch: string;
  /** Offset of the newest message; 0 if there has been none. */
  readonly top: number;
  readonly lives: Lives;
  /** Number of the newest amendment in the epoch. Omitted if there was none. */
  readonly version?: number;
}

/** The life in which a message was stored. Empty for offset 0, and if the record of the life was dropped. */
export function lifeAt(lives: Lives, offset: number): string {
  return lives.find(({ first }) => first <= offset)?.name ?? '';
}

/** The end of a stream: the newest message and the newest amendment. */
export function topOf({ epoch, top, lives, version }: StreamTop): Position {
  return withVersion({ epoch, offset: top, life: lifeAt(lives, top) }, version);
}

/** Adds the version of the newest amendment, if there was one. */
export function withVersion(position: Position, version = 0): Position {
  return version === 0 ? position : { ...position, version };
}

/** Adds its life to a stored cursor, if it is in the epoch of the stream. */
export function withLife(cursor: Position, { epoch, lives }: StreamTop): Position {
  return cursor.epoch === epoch ? { ...cursor, life: lifeAt(lives, cursor.offset) } : cursor;
}

/**
 * Whether a position is part of the stream, so that the messages after it can follow. False if that is unknown.
 * A position without a life comes from a client of an earlier version: its epoch and offset alone decide.
 */
export function isPartOf({ epoch, top, lives, version = 0 }: StreamTop, position: Position): boolean {
  if (position.epoch !== epoch || position.offset > top || (position.version ?? 0) > version) return false;
  if (position.offset === 0 || position.life === undefined) return true;
  return position.life !== '' && lifeAt(lives, position.offset) === position.life;
}

/** Whether a position that a server has seen proves that the store lost messages or amendments of this epoch. False if that is unknown. */
export function provesLoss({ epoch, top, lives, version = 0 }: StreamTop, seen: Position): boolean {
  if (seen.epoch !== epoch) return false;
  if ((seen.version ?? 0) > version) return true;
  if (seen.offset === 0) return false;
  const known = lifeAt(lives, seen.offset);
  return seen.offset > top || (seen.life !== undefined && known !== '' && known !== seen.life);
}

/** Records a life, if it is not the newest one. @param first - Offset of its first message. */
export function recordLife(lives: Lives, name: string, first: number): Lives {
  return lives[0]?.name === name ? lives : [{ name, first }, ...lives.slice(0, maxLives - 1)];
}

/** Writes lives as brokers store them: name and first offset of each, separated by spaces. */
export function toLivesText(lives: Lives): string {
  return lives.map(({ name, first }) => `${name} ${first}`).join(' ');
}

/** Parses the text of {@link toLivesText}. */
export function parseLives(text: string): Lives {
  if (text === '') return [];
  const words = text.split(' ');
  return Array.from({ length: words.length / 2 }, (_, index) => ({
    name: words[2 * index] ?? '',
    first: Number(words[2 * index + 1]),
  }));
}
