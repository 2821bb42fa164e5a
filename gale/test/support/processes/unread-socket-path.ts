/** The Unix socket of the server of unread-responses-process.ts. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path of the Unix socket of the server that listens on `port`. */
export function unreadSocketPath(port: number): string {
  return join(tmpdir(), `gale-unread-${port}.sock`);
}
