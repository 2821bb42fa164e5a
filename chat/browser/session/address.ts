/**
 * The address of a room: the fragment of the URL, so that back, forward, links and reloads work. A server does not see the
 * fragment. Browsers pass it on through redirects, and the pages with forms through their links and forms.
 */
import { lobbyId } from '../../wire.ts';

/** @returns `#/rooms/…`; an id may contain any characters. */
export function addressOf(roomId: string): string {
  return `#/rooms/${encodeURIComponent(roomId)}`;
}

/** The address of a message: that of its room, and its number. */
export function addressOfMessage(roomId: string, seq: number): string {
  return `${addressOf(roomId)}/${seq}`;
}

/** @returns The number of the message; undefined if the address contains none. */
export function messageOfAddress(hash: string): number | undefined {
  const [, seq] = /^#\/rooms\/[^/]+\/([1-9]\d{0,14})$/.exec(hash) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

/** @returns The id of the room; undefined if the address contains none. */
export function roomOfAddress(hash: string): string | undefined {
  const [, encoded] = /^#\/rooms\/([^/]+)(?:\/|$)/.exec(hash) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Makes the links and forms of a page with forms lead to the room of its address, as in `/login#/rooms/7`. */
export function passRoomOn(page: Document, hash: string): void {
  if (roomOfAddress(hash) === undefined) return;
  for (const link of page.querySelectorAll<HTMLAnchorElement>('a[href^="/"]')) link.hash = hash;
  for (const form of page.forms) setHash(form, hash);
}

/** The address that a log-out keeps for the next log-in: that of a room, except the lobby, which opens without an address. */
export function hashAfterLogOut(hash: string): string {
  const roomId = roomOfAddress(hash);
  return roomId === undefined || roomId === lobbyId ? '' : hash;
}

/** Sets the fragment of the URL that a form is sent to. The page of the response has it too. */
export function setHash(form: HTMLFormElement, hash: string): void {
  form.action = new URL(hash, form.action).href;
}
