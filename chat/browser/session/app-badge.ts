/** The number on the icon of the installed page, where the system shows one. */

/** Shows the number of messages for this person, a dot if there are only others, or nothing. */
export function showAppBadge(forMe: number, hasOthers: boolean): void {
  if (!('setAppBadge' in navigator)) return;
  const shown =
    forMe > 0 ? navigator.setAppBadge(forMe) : hasOthers ? navigator.setAppBadge() : navigator.clearAppBadge();
  // It is refused in some windows, and nobody needs to know.
  shown.catch(() => undefined);
}
