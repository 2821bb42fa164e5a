/**
 * Whether a server is up, for programs that do not say so.
 */
import { connect } from 'node:net';

/** Whether somebody listens on a port of 127.0.0.1 now. */
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
