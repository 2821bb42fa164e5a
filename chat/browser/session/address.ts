/** The address of a room: the fragment of the URL, so that back, forward, links and reloads work. */

/** @returns `#/rooms/…`; an id may contain any characters. */
export function addressOf(roomId: string): string {
  return `#/rooms/${encodeURIComponent(roomId)}`;
}

/** @returns The id of the room; undefined if the address contains none. */
export function roomOfAddress(hash: string): string | undefined {
  const [, encoded] = /^#\/rooms\/(.+)$/.exec(hash) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
