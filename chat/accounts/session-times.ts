/** How long sessions last. */

const dayMs = 24 * 60 * 60 * 1000;

/** After the last visit. */
export const idleMs: number = 30 * dayMs;
/** Between writes of the last visit, which the settings and the page of people show. */
export const renewAfterMs: number = 60 * 60 * 1000;
/** In all: ten years, the most that sessions can last. Who visits the chat stays signed in. */
export const absoluteMs: number = 3650 * dayMs;
/** The cookie of an unstored session lasts longer than its session: a browser that still has one did not log out. */
export const unstoredCookieDays = 60;
