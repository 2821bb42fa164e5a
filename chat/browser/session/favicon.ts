/** The icon of the page in the tab of the browser, with a mark while something is unread. */

/** What the mark says: messages for this person, or only others. */
export type FaviconMark = 'for-me' | 'others';

const colours: Readonly<Record<FaviconMark, string>> = { 'for-me': '#d92d20', others: '#1c7ed6' };

/** A dot at the upper right, for the end of the icon of templates/base.html. */
function dot(mark: FaviconMark): string {
  const radius = mark === 'for-me' ? 7 : 5;
  return `<circle cx='24.5' cy='7.5' r='${radius}' fill='${colours[mark]}' stroke='#fff' stroke-width='1.6'/>`;
}

/** As the template writes it. */
const end = '%3C/svg%3E';

/** The icon without a mark. */
let plain: string | undefined;

/** Replaces the mark; undefined removes it. */
export function markFavicon(mark: FaviconMark | undefined): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!icon) return;
  plain ??= icon.href;
  const href = mark ? plain.replace(end, encodeURIComponent(dot(mark)) + end) : plain;
  if (icon.href !== href) icon.href = href;
}
