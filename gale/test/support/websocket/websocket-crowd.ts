/** Many WebSocket clients of plain sockets: they read everything and keep nothing. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { within } from '../eventually.ts';
import { upgradeRequest } from './websocket-peer.ts';

/** Clients that connect at once, so that the backlog of a server does not overflow. */
const atOnce = 250;

/** The request of {@link upgradeRequest} for another path. */
export function upgradeRequestTo(path: string): string {
  return upgradeRequest.replace('GET / ', `GET ${path} `);
}

/** Opens connections; settles when each has a 101 response. The caller closes them. */
export async function openCrowd(port: number, path: string, count: number): Promise<Socket[]> {
  const crowd: Socket[] = [];
  const request = upgradeRequestTo(path);
  while (crowd.length < count) {
    const group = Array.from({ length: Math.min(atOnce, count - crowd.length) }, () => openOne(port, request));
    crowd.push(...(await Promise.all(group)));
  }
  return crowd;
}

function openOne(port: number, request: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    socket.on('error', reject);
    socket.once('data', (bytes: Buffer) => {
      const response = bytes.toString('latin1');
      if (!response.startsWith('HTTP/1.1 101 ')) return reject(new Error(response));
      socket.resume();
      resolve(socket);
    });
    socket.write(request);
  });
}

/** Settles when all have closed. */
export async function allClosed(crowd: readonly Socket[]): Promise<void> {
  for (const socket of crowd) {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (!socket.closed) await within(closed, () => 'the close of a connection');
  }
}
