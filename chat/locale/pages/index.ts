/**
 * The texts of the pages that the server renders: those of the whole chat, those of pages/en.ts and of admin/en.ts, which browsers do not load.
 */
import { adminEn } from '../admin/en.ts';
import { adminZhCn } from '../admin/zh-cn.ts';
import { en } from '../en.ts';
import { createTranslator, type Language, type Phrase, type PhraseKey, type PhraseValues } from '../index.ts';
import { zhCn } from '../zh-cn.ts';
import { pagesEn } from './en.ts';
import { pagesZhCn } from './zh-cn.ts';

/** All page texts of a language. */
export type PagePhrases = { readonly [key in keyof typeof pagesEn]: Phrase };
/** The key of a text on a page of the server. */
export type PageKey = PhraseKey | keyof typeof pagesEn | keyof typeof adminEn;
/** Returns the text of a key with its values. */
export type TranslatePage = (key: PageKey, values?: PhraseValues) => string;

const phrasesByLanguage: Readonly<Record<Language, { readonly [key in PageKey]: Phrase }>> = {
  en: { ...en, ...pagesEn, ...adminEn },
  'zh-CN': { ...zhCn, ...pagesZhCn, ...adminZhCn },
};

/** Whether a text is the key of a text of a page. */
export function isPageKey(text: string): text is PageKey {
  return Object.hasOwn(phrasesByLanguage.en, text);
}

/** The function that returns texts in one language. */
export function pageTranslator(language: Language): TranslatePage {
  return translators[language];
}

const translators: Readonly<Record<Language, TranslatePage>> = {
  en: createTranslator('en', phrasesByLanguage.en),
  'zh-CN': createTranslator('zh-CN', phrasesByLanguage['zh-CN']),
};
