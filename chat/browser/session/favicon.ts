/** The icon of the page in the tab of the browser, with a mark while something is for this person. */

/** A dot at the upper right, for the end of the icon of templates/base.html. */
const dot = "<circle cx='24.5' cy='7.5' r='7' fill='#d92d20' stroke='#fff' stroke-width='1.6'/>";
/** As the template writes it. */
const end = '%3C/svg%3E';

/** The icon without a mark. */
let plain: string | undefined;

/** Adds or removes the mark. */
export function markFavicon(isMarked: boolean): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!icon) return;
  plain ??= icon.href;
  const href = isMarked ? plain.replace(end, encodeURIComponent(dot) + end) : plain;
  if (icon.href !== href) icon.href = href;
}
