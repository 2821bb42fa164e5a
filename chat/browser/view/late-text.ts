/** Texts of the page and of its late parts by one key. */
import { actionTranslator, isActionKey } from '../../locale/actions/index.ts';
import type { PhraseValues } from '../../locale/index.ts';
import { roomRefusal, type LateKey } from '../state/late-refusals.ts';
import type { Words } from './words.ts';

/** Why a command was refused. */
export interface Refusal {
  readonly code: string;
  /** When it is possible again, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
}

/** The text of a key. */
export function lateText({ t, language }: Words, key: LateKey, values?: PhraseValues): string {
  return isActionKey(key) ? actionTranslator(language)(key, values) : t(key, values);
}

/** The text for a refused command about a room. @param count - A limit that the text has. */
export function refusalText(words: Words, { code, retryAfterMs }: Refusal, count = 0): string {
  const minutes = retryAfterMs === undefined ? count : Math.ceil(retryAfterMs / 60_000);
  return lateText(words, roomRefusal(code), { count: minutes });
}
