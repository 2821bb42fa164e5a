import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, open, testCrowds } from './support/http/http-crowd.ts';
import type { RawClient } from './support/http/http-server.ts';
import { requestText } from './support/http/http-server.ts';
import { MeasuredServer } from './support/processes/measured-server.ts';

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

testCrowds(500);

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
