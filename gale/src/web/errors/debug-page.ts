/**
 * The HTML page of an error in debug mode: message, source and stack, also of the causes. It shows nothing of the request but its method
 * and path, since headers and cookies are secrets.
 */
import { xhtmlEscape } from '../escape.ts';
import { headOf, htmlDocument, type ErrorPage } from './error-page.ts';
import type { SourceExcerpt } from './source-excerpt.ts';
import type { Thrown } from './thrown.ts';

/** What the page shows. */
export interface DebugPage extends ErrorPage {
  readonly method: string;
  readonly path: string;
  readonly thrown: Thrown;
  /** For a Content-Security-Policy. */
  readonly nonce: string | undefined;
}

/** HTML of the page. */
export function debugPage(page: DebugPage): string {
  const { thrown, method, path, requestId, nonce = '' } = page;
  const causes = (thrown.causes ?? []).map((cause) => `<section><h2>Cause</h2>${thrownHtml(cause)}</section>`);
  const request = `<p class="quiet">${xhtmlEscape(`${method} ${path}`)} · request ${xhtmlEscape(requestId)}</p>`;
  const footer = '<p class="quiet">Only the setting <code>debug</code> shows this page.</p>';
  return htmlDocument(
    page,
    `<style nonce="${nonce}">${style}</style>`,
    `${headOf(page)}${request}${thrownHtml(thrown)}${causes.join('')}${footer}`,
  );
}

function thrownHtml({ message, source, stack }: Omit<Thrown, 'causes'>): string {
  const frames = stack.map((frame) => `<li>${xhtmlEscape(frame)}</li>`);
  const list = frames.length === 0 ? '' : `<h3>Stack</h3><ol class="stack">${frames.join('')}</ol>`;
  return `<p class="message">${xhtmlEscape(message)}</p>${source === undefined ? '' : sourceHtml(source)}${list}`;
}

function sourceHtml({ file, line, column, firstLine, lines }: SourceExcerpt): string {
  const width = String(firstLine + lines.length - 1).length;
  const rows = lines.map((text, index) => {
    const number = firstLine + index;
    const row = `${String(number).padStart(width)}  ${xhtmlEscape(text)}`;
    return number === line ? `<mark>${row}</mark>` : row;
  });
  const place = `${file}:${line}:${column}`;
  return `<h3>${xhtmlEscape(place)}</h3><pre tabindex="0" role="region" aria-label="Source">${rows.join('\n')}</pre>`;
}

const style = `
body { margin: 0 auto; max-width: 64rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
pre, .stack, code { font-family: ui-monospace, monospace; font-size: 0.875rem; }
pre { background: rgb(128 128 128 / 0.12); border-radius: 0.375rem; margin: 0; overflow-x: auto; padding: 0.75rem; }
mark { background: rgb(255 176 0 / 0.3); color: inherit; display: inline-block; min-width: 100%; }
.message { border-left: 0.25rem solid #d33; font-size: 1.125rem; margin: 1rem 0; padding-left: 0.75rem; white-space: pre-wrap; }
.stack { margin: 0; padding-left: 2rem; }
.quiet { font-size: 0.875rem; opacity: 0.75; }
`;
