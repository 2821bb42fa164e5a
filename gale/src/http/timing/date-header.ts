/**
 * The Date header, made once for all responses of one second. RFC 9110 §6.6.1.
 */

let line: string | undefined;

/** The line `Date: …` with its line end, for the current second. */
export function dateHeader(): string {
  if (line === undefined) {
    const now = Date.now();
    line = `Date: ${new Date(now).toUTCString()}\r\n`;
    setTimeout(forget, 1000 - (now % 1000)).unref();
  }
  return line;
}

function forget(): void {
  line = undefined;
}
