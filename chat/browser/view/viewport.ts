/**
 * Keeps the page above the on-screen keyboard. Safari does not resize the page: its keyboard covers the page, and only
 * `visualViewport` reports the visible height.
 */

/** A covered area higher than this is a keyboard. A lower one is a bar of the browser. */
const keyboardPx = 120;

/** Sets `--visible-height`, which the style sheet uses as the height of the page, until the page is unloaded. */
export function watchViewport(): void {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const { style } = document.documentElement;
  visualViewport.addEventListener('resize', () => {
    // Zoom also reduces the visible height, but must not change the page.
    const isCovered = visualViewport.scale === 1 && window.innerHeight - visualViewport.height > keyboardPx;
    if (!isCovered) {
      style.removeProperty('--visible-height');
      return;
    }
    style.setProperty('--visible-height', `${visualViewport.height}px`);
    window.scrollTo(0, 0);
  });
}
