/** The texts of the page. Each language is a file of its own, so that a page loads only the texts that it shows. */
import { useEffect, useState } from 'preact/hooks';
import { createTranslator, type Language, type Phrases } from '../../locale/index.ts';
import { LazyPart } from './lazy-part.ts';
import type { Words } from './words.ts';

/** A language that is loaded, and the function that returns its texts. */
export type Texts = Pick<Words, 'language' | 't'>;

/** The texts by language. The server adds a link to the first file, see pages/home-handler.ts. */
export const languageParts: Readonly<Record<Language, LazyPart<Phrases>>> = {
  en: new LazyPart(async () => (await import('../../locale/en.ts')).en),
  'zh-CN': new LazyPart(async () => (await import('../../locale/zh-cn.ts')).zhCn),
};

/** Loads the texts of a language. Without a connection it tries again until they are loaded. */
export async function loadTexts(language: Language): Promise<Texts> {
  return { language, t: createTranslator(language, await languageParts[language].untilLoaded()) };
}

/** Texts in the language of the page. Those of before are returned until another language is loaded. */
export function useTexts(first: Texts, language: Language): Texts {
  const [texts, setTexts] = useState(first);
  useEffect(() => {
    let isWanted = true;
    if (texts.language !== language) void loadTexts(language).then((loaded) => isWanted && setTexts(loaded));
    return () => {
      isWanted = false;
    };
  }, [language]);
  return texts;
}
