/** Logs out, by the form that the server wrote into the page. */
import { hashAfterLogOut, setHash } from './address.ts';
import type { Chat } from './chat.ts';

/** What to do with unsent texts. */
export type UnsentChoice = 'remove' | 'keep';

/** Leaves the page. */
export function logOut(chat: Chat, choice: UnsentChoice): void {
  const form = document.querySelector<HTMLFormElement>('#logout')!;
  form.querySelector<HTMLInputElement>('[name=texts]')!.value = choice;
  // Close first: later frames of the server must not change the stored texts or open another page.
  chat.close();
  if (choice === 'remove') chat.keptTexts.remove();
  setHash(form, hashAfterLogOut(location.hash));
  form.requestSubmit();
}
