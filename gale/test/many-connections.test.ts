import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient, requestText } from './support/http/http-server.ts';
import { MeasuredServer } from './support/processes/measured-server.ts';

/** Opens connections at once. */
async function open(port: number, count: number): Promise<RawClient[]> {
  const clients = Array.from({ length: count }, () => new RawClient(port));
  await Promise.all(clients.map((client) => Promise.race([client.opened, client.closed])));
  for (const { ended } of clients) assert.equal(ended, false, 'the connection is open');
  return clients;
}

/** Sends a request and checks its response. */
async function ask(client: RawClient): Promise<void> {
  await client.send(requestText('GET /'));
  const { status, body } = await client.readResponse();
  assert.deepEqual([status, body], [200, '0']);
}

/** States in which clients disconnect. Each function reaches one. */
const middles: Readonly<Record<string, (client: RawClient) => Promise<void>>> = {
  async 'between two requests'(client) {
    await ask(client);
  },
  async 'in a head'(client) {
    await ask(client);
    await client.send('GET /half HTTP/1.1\r\nHost: te');
  },
  async 'in a body'(client) {
    await client.send(requestText('POST /', 'Content-Length: 100000', 'Expect: 100-continue'));
    assert.equal((await client.readResponse()).status, 100);
    await client.send('x'.repeat(1000));
  },
  async 'in a chunked body'(client) {
    await client.send(requestText('POST /', 'Transfer-Encoding: chunked', 'Expect: 100-continue'));
    assert.equal((await client.readResponse()).status, 100);
    await client.send('3e8\r\nxxx');
  },
  async 'in a response'(client) {
    await client.send(requestText('GET /unfinished'));
    await client.until((received) => received.endsWith('\r\n1\r\nx\r\n'));
  },
};

test('opens and closes two thousand idle connections and leaks nothing', async (t) => {
  const server = await MeasuredServer.start(t);
  await server.staysTheSame(async () => {
    const clients = await open(server.port, 2000);
    await Promise.all(clients.map(ask));
    const { connections, sockets, running } = await server.measure();
    assert.deepEqual({ connections, sockets, running }, { connections: 2000, sockets: 2000, running: 0 });
    for (const client of clients) client.socket.end();
    await Promise.all(clients.map((client) => client.closed));
  });
});

test('closes ten thousand connections of one request each and leaks nothing', async (t) => {
  const server = await MeasuredServer.start(t);
  await server.staysTheSame(async () => {
    let left = 2000;
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

for (const [where, reach] of Object.entries(middles)) {
  test(`leaks nothing when thousands of clients reset the connection ${where}`, async (t) => {
    const server = await MeasuredServer.start(t);
    await server.staysTheSame(async () => {
      const clients = await open(server.port, 500);
      await Promise.all(clients.map(reach));
      const { connections } = await server.measure();
      assert.equal(connections, 500);
      for (const client of clients) client.socket.resetAndDestroy();
      await Promise.all(clients.map((client) => client.closed));
    });
  });
}

test('leaks nothing when clients reset the connection while its buffers are full', async (t) => {
  const server = await MeasuredServer.start(t);
  await server.staysTheSame(async () => {
    const clients = await open(server.port, 20);
    for (const { socket } of clients) socket.pause();
    await Promise.all(clients.map((client) => client.send(requestText('GET /endless'))));
    await server.until(({ full }) => full === 20);
    for (const client of clients) client.socket.resetAndDestroy();
    await Promise.all(clients.map((client) => client.closed));
  });
});
