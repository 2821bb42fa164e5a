/** The texts of the dialogs of the rooms. */
import { createTranslator, type Language, type Phrase, type PhraseValues } from '../index.ts';
import { roomsEn } from './en.ts';
import { roomsZhCn } from './zh-cn.ts';

/** The key of a text. */
export type RoomsKey = keyof typeof roomsEn;
/** All texts of a language. */
export type RoomsPhrases = { readonly [key in RoomsKey]: Phrase };
/** Returns the text of a key with its values. */
export type TranslateRooms = (key: RoomsKey, values?: PhraseValues) => string;

/** The function that returns texts in one language. */
export function roomsTranslator(language: Language): TranslateRooms {
  return translators[language];
}

const translators: Readonly<Record<Language, TranslateRooms>> = {
  en: createTranslator('en', roomsEn),
  'zh-CN': createTranslator('zh-CN', roomsZhCn),
};
