/** The default error page: status, reason and what an {@link HttpError} explains to the client, without internal details. */
import { xhtmlEscape } from './escape.ts';

/**
 * HTML of the error page for a status.
 *
 * @param detail - Explanation for the client; plain text.
 */
export function errorPage(status: number, reason: string, detail?: string): string {
  const text = xhtmlEscape(`${status}: ${reason}`);
  const more = detail === undefined ? '' : `<p>${xhtmlEscape(detail)}</p>`;
  return `<!DOCTYPE html><html><head><title>${text}</title></head><body>${text}${more}</body></html>\n`;
}
