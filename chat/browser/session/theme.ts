/**
 * Shows the theme that the person chose, on all open pages at once. The server writes it into the page, so the first paint has it.
 */
import type { Theme } from '../../people/choices.ts';

/** Colours around the page in browsers of phones: those of templates/base.html. */
const colours = { light: '#f3f7f7', dark: '#0d1517' } as const;

/** Changes the theme of a page. */
export function showTheme(page: Document, theme: Theme): void {
  const { dataset } = page.documentElement;
  if ((dataset['theme'] ?? 'system') === theme) return;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  for (const old of page.querySelectorAll('meta[name=theme-color]')) old.remove();
  for (const name of theme === 'system' ? (['light', 'dark'] as const) : [theme]) {
    const meta = page.createElement('meta');
    meta.name = 'theme-color';
    meta.content = colours[name];
    if (theme === 'system') meta.media = `(prefers-color-scheme: ${name})`;
    page.head.append(meta);
  }
}
