/** What assistive technology sees of a page in Chromium. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules of axe, such as those of WCAG, that the page breaks. */
export async function violations(page: Page): Promise<string[]> {
  // In the middle of an animation colours are mixed.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(axe);
  const results = (await page.evaluate('axe.run()')) as AxeResults;
  assert.ok(results.passes.length > 5, `axe applied ${results.passes.length} rules`);
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Waits until an element has the focus. `autofocus` gives it after the page has loaded. */
export async function seeFocus(page: Page, selector: string): Promise<void> {
  await page.locator(`${selector}:focus`).waitFor();
}
