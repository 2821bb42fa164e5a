/**
 * Requests an upgrade to WebSocket and returns only the status.
 */
import { request } from 'node:http';

export interface UpgradeRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Address of the client. @defaultValue The system chooses. */
  readonly from?: string;
}

/** Requests an upgrade and closes the connection. @returns The status of the response: 101, or that of the refusal. */
export function upgradeStatus(url: string, { headers, from }: UpgradeRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(url, {
    ...(from === undefined ? {} : { localAddress: from }),
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  sent.once('upgrade', (response, socket) => {
    socket.destroy();
    resolve(response.statusCode ?? 0);
  });
  sent.once('response', (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.once('error', reject);
  sent.end();
  return promise;
}
