/**
 * White space in the text of a template: kept, collapsed, or collapsed to one line.
 * Text inside `<pre>` and `<textarea>` is never changed, because browsers show its white space.
 */

/** `all` keeps white space; `single` collapses a run to one space or line break; `oneline` collapses a run to one space. */
export type WhitespaceMode = 'all' | 'single' | 'oneline';

/** The valid modes. */
export const whitespaceModes: readonly WhitespaceMode[] = ['all', 'single', 'oneline'];

/** The default mode of a file: `single` for `.html` and `.js`, where it changes nothing visible. */
export function defaultWhitespace(file: string): WhitespaceMode {
  return /\.(?:html|js)$/.test(file) ? 'single' : 'all';
}

/** Filters the texts of one file, in order: a `<pre>` may start in one text and end in a later one. */
export class WhitespaceFilter {
  #inside: string | undefined;

  /** @returns The text with white space according to `mode`; unchanged if any of it is preformatted. */
  filter(text: string, mode: WhitespaceMode): string {
    return this.#touchesPreformatted(text) || mode === 'all' ? text : collapse(text, mode);
  }

  #touchesPreformatted(text: string): boolean {
    let touched = this.#inside !== undefined;
    for (const [, slash, element] of text.matchAll(/<(\/?)(pre|textarea)(?=[\s/>])/gi)) {
      const name = element?.toLowerCase();
      if (slash === '' && this.#inside === undefined) {
        this.#inside = name;
        touched = true;
      } else if (slash === '/' && this.#inside === name) this.#inside = undefined;
    }
    return touched;
  }
}

function collapse(text: string, mode: 'single' | 'oneline'): string {
  if (mode === 'oneline') return text.replace(/\s+/g, ' ');
  return text.replace(/\s+/g, (run) => (run.includes('\n') ? '\n' : run.replace(/[\t ]+/g, ' ')));
}
