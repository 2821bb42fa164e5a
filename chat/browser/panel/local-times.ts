/** Writes the times of a page in the time zone of the browser, if the person has chosen none. Without this script they are in UTC, and say so. */

/** Replaces the text of each time that the server marked. */
export function showLocalTimes(page: Document): void {
  const format = new Intl.DateTimeFormat(page.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
  for (const time of page.querySelectorAll<HTMLTimeElement>('time[data-zone=browser]')) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
