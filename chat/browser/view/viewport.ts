/**
 * Keeps the page above the keyboard of a phone where the browser does not do it by itself:
 * Safari lays its keyboard over the page and only tells how much is left to see.
 */

/** What is hidden has to be at least this high to be a keyboard, in pixels; a bar of the browser is not. */
const keyboardPx = 120;

/** Watches for as long as the page is there. The style sheet takes `--visible-height` for the height of the page. */
export function watchViewport(): void {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const { style } = document.documentElement;
  visualViewport.addEventListener('resize', () => {
    // Whoever zooms in sees less of the page, too, and wants it to stay as it is.
    const isCovered = visualViewport.scale === 1 && window.innerHeight - visualViewport.height > keyboardPx;
    if (!isCovered) {
      style.removeProperty('--visible-height');
      return;
    }
    style.setProperty('--visible-height', `${visualViewport.height}px`);
    window.scrollTo(0, 0);
  });
}
