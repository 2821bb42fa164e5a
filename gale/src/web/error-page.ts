/** The page a client sees when nobody wrote a better one: status and reason, nothing about the inside. */
import { xhtmlEscape } from './escape.ts';

/** Writes the page for a status. */
export function errorPage(status: number, reason: string): string {
  const text = xhtmlEscape(`${status}: ${reason}`);
  return `<!DOCTYPE html><html><head><title>${text}</title></head><body>${text}</body></html>\n`;
}
