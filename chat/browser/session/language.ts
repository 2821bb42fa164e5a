/** Remembers a language for the next page; the cookie is the server's to set. */
import type { Language } from '../../locale/index.ts';

/** Without a connection to the server, the choice lasts until the page is closed. */
export async function rememberLanguage(language: Language): Promise<void> {
  document.documentElement.lang = language;
  await fetch(`/language?lang=${language}&next=%2Fme`).catch(() => {});
}
