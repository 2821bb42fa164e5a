/**
 * Writes the times of a page as the chat does: in the format of the region of the reader, and in the time zone of the browser if they have chosen
 * none. Without this script those are in UTC, and say so.
 */

/** Replaces the text of each time that the server marked with its time zone. */
export function showLocalTimes(page: Document): void {
  const { lang } = page.documentElement;
  // 14:05 in Britain is 2:05 PM in America. Chromium without a locale of the system reports `en-US@posix`, which `Intl` does not accept.
  const locale = navigator.languages.find((tag) => tag.startsWith(`${lang}-`) && /^[\w-]+$/.test(tag)) ?? lang;
  for (const time of page.querySelectorAll<HTMLTimeElement>('time[data-zone]')) {
    const { zone } = time.dataset;
    const timeZone = zone === 'browser' ? undefined : zone;
    try {
      const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
      time.textContent = format.format(new Date(time.dateTime));
    } catch {
      // A browser that does not know the time zone keeps the text of the server.
    }
  }
}
