/** Texts of the page and of its late parts by one key. */
import { actionTranslator, isActionKey } from '../../locale/actions/index.ts';
import type { PhraseValues } from '../../locale/index.ts';
import type { LateKey } from '../state/late-refusals.ts';
import type { Words } from './words.ts';

/** The text of a key. */
export function lateText({ t, language }: Words, key: LateKey, values?: PhraseValues): string {
  return isActionKey(key) ? actionTranslator(language)(key, values) : t(key, values);
}
