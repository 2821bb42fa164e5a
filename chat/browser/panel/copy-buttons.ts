/**
 * Buttons that copy the text of a field: `data-copies` is its id. Without this script the buttons are hidden, and the field can be copied
 * by hand.
 */

/** How long a button says that it has copied, in milliseconds. */
const shownMs = 2000;

/** Shows the buttons of a page and listens to them. */
export function watchCopyButtons(page: Document): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>('[data-copies]')) {
    const field = page.getElementById(button.dataset['copies'] ?? '');
    if (!(field instanceof HTMLInputElement)) continue;
    const label = button.textContent;
    let timer: ReturnType<typeof setTimeout> | undefined;
    button.hidden = false;
    button.addEventListener('click', () => {
      void copy(field).then((isCopied) => {
        clearTimeout(timer);
        button.textContent = (isCopied ? button.dataset['copied'] : button.dataset['failed']) ?? label;
        timer = setTimeout(() => (button.textContent = label), shownMs);
      });
    });
    field.addEventListener('focus', () => field.select());
  }
}

/** @returns Whether the text is in the clipboard. Over plain http, browsers have no `navigator.clipboard`. */
async function copy(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand('copy');
  }
}
