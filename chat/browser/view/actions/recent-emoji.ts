/** The emoji that a person has used last, in this browser. */
import { openStorage } from '../../storage/memory-storage.ts';
import type { KeyStorage } from '../../storage/stored-entries.ts';
import { firstEmoji, toEmoji } from './emoji-set.ts';

const key = 'gale-chat recent-emoji';
/** How many are kept. */
const kept = 8;

/** The newest first, filled with those that people use most. */
export function recentEmoji(storage: Pick<KeyStorage, 'getItem'> = openStorage()): string[] {
  const stored = (storage.getItem(key) ?? '').split(' ').filter((emoji) => toEmoji(emoji) === emoji);
  return [...new Set([...stored, ...firstEmoji])].slice(0, kept);
}

export function noteEmoji(emoji: string, storage: Pick<KeyStorage, 'getItem' | 'setItem'> = openStorage()): void {
  const next = [...new Set([emoji, ...recentEmoji(storage)])].slice(0, kept);
  try {
    storage.setItem(key, next.join(' '));
  } catch {
    // The storage is full or disabled.
  }
}
