/** The texts of the page with the rooms in all languages, for the server. The page itself loads one language: browser/session/page-texts.ts. */
import { en } from './en.ts';
import { createTranslator, type Language, type PhraseKey, type Phrases, type Translate } from './index.ts';
import { zhCn } from './zh-cn.ts';

const phrasesByLanguage: Readonly<Record<Language, Phrases>> = { en, 'zh-CN': zhCn };

/** Whether a text is the key of a text. */
export function isPhraseKey(text: string): text is PhraseKey {
  return Object.hasOwn(en, text);
}

/** Creates the function that returns texts in one language. */
export function translator(language: Language): Translate {
  return createTranslator(language, phrasesByLanguage[language]);
}
