/**
 * Removes the stored texts of accounts that logged out in this browser. The server names each account in a cookie,
 * `signed-out-ID=1`, which the next page with a script reads. So the texts are removed even if the page that logged out could
 * not remove them.
 */
import { KeptTexts } from './kept-texts.ts';
import type { KeyStorage } from './stored-entries.ts';

/** Removes the texts of all accounts in cookies, and the cookies. @param page - The document, or a substitute in tests. */
export function removeSignedOut(storage: KeyStorage, page: { cookie: string }): void {
  for (const [, name = '', personId = ''] of page.cookie.matchAll(/(?:^|; )(signed-out-([\w-]+))=/g)) {
    new KeptTexts(storage, personId).remove();
    page.cookie = `${name}=; Path=/; Max-Age=0`;
  }
}
