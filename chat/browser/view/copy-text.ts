/** Copies a text by a button, and keeps the sources of the messages for copy-selected.ts. */

/**
 * Copies a text to the clipboard.
 *
 * @param shown - An element with exactly this text. A page of another computer without https has no access to the clipboard, so the
 * content of the element is selected and copied instead.
 * @returns Whether it was copied.
 */
export async function copyText(text: string, shown: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand('copy');
  }
}

/** The text of each message on the page, by the element with its content. */
const sources = new WeakMap<Element, string>();

/** The text of a message, as it was stored. */
export function sourceOf(content: Element): string | undefined {
  return sources.get(content);
}

/** Sets the text of a message, for the case that it is copied. */
export function setSource(content: Element | null, text: string): void {
  if (content) sources.set(content, text);
}
