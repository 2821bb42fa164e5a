/**
 * Checks whether a server listens, for programs that do not report it.
 */
import { connect } from 'node:net';

/** Whether a server listens on a port of 127.0.0.1 now. */
export function isListenedAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
