/**
 * A port for a program that cannot be told to take any that is free and to say which.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Finds a port of 127.0.0.1 on which nobody listens now; another program may still be faster to take it.
 * It is below those that systems hand out for outgoing connections: with one of these, whoever keeps trying to reach
 * a server that is not there could get connected to itself and so take the port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
