/** The HTML page of an error: status, title and public details of the error, without internal ones. Without styles, which a policy could refuse. */
import { xhtmlEscape } from '../escape.ts';
import { valueErrorsOf, type ProblemDetails } from './problem.ts';

/** What an error page shows. */
export interface ErrorPage {
  readonly status: number;
  readonly title: string;
  readonly problem: ProblemDetails;
  readonly requestId: string;
}

/** HTML of the error page. */
export function errorPage(page: ErrorPage): string {
  // Whoever reports an error of the server can name its log line.
  const id = page.status < 500 ? '' : `<p><small>Request ${xhtmlEscape(page.requestId)}</small></p>`;
  return htmlDocument(page, '', `${headOf(page)}${id}`);
}

/** A whole document. */
export function htmlDocument({ status, title }: ErrorPage, style: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${xhtmlEscape(`${status}: ${title}`)}</title>${style}</head>
<body>${body}</body></html>
`;
}

/** Status, detail and wrong values. */
export function headOf({ status, title, problem }: ErrorPage): string {
  const detail = problem.detail === undefined ? '' : `<p>${xhtmlEscape(problem.detail)}</p>`;
  const errors = valueErrorsOf(problem);
  const items = errors.map(({ path, message }) => {
    return `<li>${path === '' ? '' : `<code>${xhtmlEscape(path)}</code>: `}${xhtmlEscape(message)}</li>`;
  });
  const list = items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
  return `<h1>${xhtmlEscape(`${status}: ${title}`)}</h1>${detail}${list}`;
}
