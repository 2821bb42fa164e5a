/** The default error page: status and reason, without internal details. */
import { xhtmlEscape } from './escape.ts';

/** HTML of the error page for a status. */
export function errorPage(status: number, reason: string): string {
  const text = xhtmlEscape(`${status}: ${reason}`);
  return `<!DOCTYPE html><html><head><title>${text}</title></head><body>${text}</body></html>\n`;
}
