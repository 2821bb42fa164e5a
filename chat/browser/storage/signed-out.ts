/**
 * Removes what accounts left in this browser that logged out of it. The server names them in cookies, `signed-out-ID=1`, that the next
 * page with a script reads: so the texts go also if the page that logged out could not remove them.
 */
import { KeptTexts } from './kept-texts.ts';
import type { KeyStorage } from './stored-entries.ts';

/** @param page - The document, or what stands for it. */
export function removeSignedOut(storage: KeyStorage, page: { cookie: string }): void {
  for (const [, name = '', personId = ''] of page.cookie.matchAll(/(?:^|; )(signed-out-([\w-]+))=/g)) {
    new KeptTexts(storage, personId).remove();
    page.cookie = `${name}=; Path=/; Max-Age=0`;
  }
}
