/**
 * What happens to blanks in the text of a template: kept, joined, or put on one line.
 * Text inside `<pre>` and `<textarea>` is kept in every mode, because there a reader sees the blanks.
 */

/** `all` keeps blanks; `single` joins a run to one blank or one line break; `oneline` joins every run to one blank. */
export type WhitespaceMode = 'all' | 'single' | 'oneline';

/** The modes a directive or an option may name. */
export const whitespaceModes: readonly WhitespaceMode[] = ['all', 'single', 'oneline'];

/** The mode of a file that names none: `single` for `.html` and `.js`, where it changes nothing a reader sees. */
export function defaultWhitespace(file: string): WhitespaceMode {
  return /\.(?:html|js)$/.test(file) ? 'single' : 'all';
}

/** Filters the text pieces of one file, in order: a `<pre>` may begin in one piece and end in a later one. */
export class WhitespaceFilter {
  #inside: string | undefined;

  /** @returns The piece with its blanks as `mode` wants them; whole and unchanged if any of it is preformatted. */
  filter(text: string, mode: WhitespaceMode): string {
    return this.#touchesPreformatted(text) || mode === 'all' ? text : joinBlanks(text, mode);
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

function joinBlanks(text: string, mode: 'single' | 'oneline'): string {
  if (mode === 'oneline') return text.replace(/\s+/g, ' ');
  return text.replace(/\s+/g, (run) => (run.includes('\n') ? '\n' : run.replace(/[\t ]+/g, ' ')));
}
