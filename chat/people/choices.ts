/**
 * What a person can choose about the pages. The server and the page use it, so it needs neither Node nor the DOM.
 */

/** Colours: those of the system, or always the same. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The key that sends a message: Enter, or Ctrl+Enter (⌘+Enter), where Enter begins a line. */
export const sendKeys = ['enter', 'ctrl-enter'] as const;
export type SendKey = (typeof sendKeys)[number];

/** The order of the rooms in the list: the newest message first, or by name. */
export const roomOrders = ['activity', 'name'] as const;
export type RoomOrder = (typeof roomOrders)[number];

export function isTheme(text: unknown): text is Theme {
  return themes.some((theme) => theme === text);
}

export function isSendKey(text: unknown): text is SendKey {
  return sendKeys.some((key) => key === text);
}

export function isRoomOrder(text: unknown): text is RoomOrder {
  return roomOrders.some((order) => order === text);
}
