/** Saves the language for the next page. The server sets the cookie. */
import type { Language } from '../../locale/index.ts';

/** Without a connection to the server, the choice lasts until the page is closed. */
export async function rememberLanguage(language: Language): Promise<void> {
  await fetch(`/language?lang=${language}&next=%2Fme`).catch(() => {});
}
