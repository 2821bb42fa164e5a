/** Many connections at once to a server whose memory is measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeasuredServer } from '../processes/measured-server.ts';
import { RawClient, requestText } from './http-server.ts';

/** Opens connections at once. */
export async function open(port: number, count: number): Promise<RawClient[]> {
  const clients = Array.from({ length: count }, () => new RawClient(port));
  await Promise.all(clients.map((client) => Promise.race([client.opened, client.closed])));
  for (const { ended } of clients) assert.equal(ended, false, 'the connection is open');
  return clients;
}

/** Sends a request and checks its response. */
export async function ask(client: RawClient): Promise<void> {
  await client.send(requestText('GET /'));
  const { status, body } = await client.readResponse();
  assert.deepEqual([status, body], [200, '0']);
}

/** Defines tests of rounds of this many connections. */
export function testCrowds(count: number): void {
  test(`opens and closes ${count} idle connections and leaks nothing`, async (t) => {
    const server = await MeasuredServer.start(t);
    await server.staysTheSame(async () => {
      const clients = await open(server.port, count);
      await Promise.all(clients.map(ask));
      const { connections, sockets, running } = await server.measure();
      assert.deepEqual({ connections, sockets, running }, { connections: count, sockets: count, running: 0 });
      for (const client of clients) client.socket.end();
      await Promise.all(clients.map((client) => client.closed));
    });
  });

  test(`closes ${5 * count} connections of one request each and leaks nothing`, async (t) => {
    const server = await MeasuredServer.start(t);
    await server.staysTheSame(async () => {
      let left = count;
      const visit = async (): Promise<void> => {
        while (left-- > 0) {
          const client = new RawClient(server.port);
          await client.send(requestText('GET /', 'Connection: close'));
          const { status, body } = await client.readResponse();
          assert.deepEqual([status, body], [200, '0']);
          assert.equal(await client.rest(), '');
          client.socket.end();
        }
      };
      await Promise.all(Array.from({ length: 100 }, visit));
    });
  });
}
