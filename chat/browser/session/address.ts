/** The address of a room: the part behind `#`, so that going back and forth, links and reloads do what they say. */

/** @returns `#/rooms/…`; an id may hold anything. */
export function addressOf(roomId: string): string {
  return `#/rooms/${encodeURIComponent(roomId)}`;
}

/** @returns Undefined if the address names no room. */
export function roomOfAddress(hash: string): string | undefined {
  const [, encoded] = /^#\/rooms\/(.+)$/.exec(hash) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
