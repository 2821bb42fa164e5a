/** Reads the texts of several elements at one moment. */
import type { Locator } from 'playwright-core';

/**
 * Texts of the elements within `root` that match a CSS selector. `allInnerTexts` finds the elements first and reads them later, so elements
 * that are removed in between still have their texts beside the new texts of others: a state that nobody saw.
 */
export function textsOf(root: Locator, selector: string): Promise<string[]> {
  return root.evaluate(
    (element, matching) => [...element.querySelectorAll<HTMLElement>(matching)].map(({ innerText }) => innerText),
    selector,
  );
}
