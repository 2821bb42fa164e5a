/** permessage-deflate between a server of Gale and the client of `ws`, for every pair of parameters. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket as WsClient } from 'ws';
import type { PerMessageDeflateOptions } from 'ws';
import { broadcast } from '../src/websocket/sending.ts';
import { eventually } from './support/eventually.ts';
import { seededRandom, seedOfRun } from './support/seeded-random.ts';
import { serve } from './support/websocket/websocket-server.ts';
import type { ServeOptions } from './support/websocket/websocket-server.ts';

const mebibyte = 2 ** 20;
const echoing = (contextTakeover: boolean, maxWindowBits = 15): ServeOptions => ({
  on: {
    onMessage(message) {
      this.connection.send(message);
    },
  },
  options: {
    compress: true,
    compressFromBytes: 0,
    contextTakeover,
    maxWindowBits,
    maxMessageBytes: 2 * mebibyte,
    maxBufferedBytes: 16 * mebibyte,
  },
});

/** A received message; text is a string. */
type Message = string | Buffer;

/** Sends all messages twice and waits for their echoes. */
async function echoesOf(url: string, offered: PerMessageDeflateOptions, messages: readonly Message[]): Promise<string> {
  const client = new WsClient(url, { perMessageDeflate: { threshold: 0, ...offered } });
  try {
    const received: Message[] = [];
    client.on('message', (data, isBinary) => received.push(isBinary ? (data as Buffer) : data.toString()));
    await once(client, 'open');
    const sent = [...messages, ...messages];
    for (const message of sent) client.send(message);
    await eventually(() => received.length === sent.length || client.readyState !== WsClient.OPEN);
    assert.deepEqual(received.length, sent.length, `${client.extensions}: closed`);
    for (const [index, message] of received.entries()) {
      const isEqual = typeof message === 'string' ? message === sent[index] : message.equals(sent[index] as Buffer);
      assert.ok(isEqual, `message ${index} with ${client.extensions}`);
    }
    return client.extensions;
  } finally {
    client.terminate();
  }
}

const seed = seedOfRun();
const random = seededRandom(seed);
const words = Array.from({ length: 200 }, () => Math.floor(random() * 2 ** 32).toString(36));

/** Words in random order, which compress somewhat. */
function text(length: number): string {
  let written = '';
  while (written.length < length) written += `${words[Math.floor(random() * words.length)]} `;
  return written.slice(0, length);
}

const small = ['', text(1024), Buffer.alloc(0), Buffer.from(text(1024))];
const medium = [text(65_536), '', Buffer.from(text(65_536)), text(1024)];
const large = [text(mebibyte), text(1024), Buffer.from(text(mebibyte)), ''];

const flags = [false, true];
// A flag that is off is omitted: with `false`, the client of `ws` rejects a response that promises more than the offer.
const bits = [9, 10, 11, 12, 13, 14, 15];
/** The offer of `ws`: `undefined` omits the window of the server and sends the one of the client without a value. */
const asked = [undefined, ...bits];

for (const contextTakeover of flags) {
  test(`exchanges messages with ws for each pair of parameters, contextTakeover: ${contextTakeover}`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    const server = await serve(t, echoing(contextTakeover));
    for (const serverNoContextTakeover of flags) {
      for (const clientNoContextTakeover of flags) {
        for (const serverMaxWindowBits of asked) {
          for (const clientMaxWindowBits of asked) {
            const offered = {
              ...(serverNoContextTakeover && { serverNoContextTakeover }),
              ...(clientNoContextTakeover && { clientNoContextTakeover }),
              ...(serverMaxWindowBits && { serverMaxWindowBits }),
              ...(clientMaxWindowBits && { clientMaxWindowBits }),
            };
            const messages = serverMaxWindowBits === clientMaxWindowBits ? [...small, ...medium] : small;
            // It throws for a response that does not match its offer.
            const agreed = await echoesOf(server.url, offered, messages);
            assert.equal(agreed, 'permessage-deflate');
          }
        }
      }
    }
  });

  test(`exchanges messages of 1 MiB with ws, contextTakeover: ${contextTakeover}`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    for (const maxWindowBits of [9, 15]) {
      const server = await serve(t, echoing(contextTakeover, maxWindowBits));
      for (const noContextTakeover of flags) {
        const offered = noContextTakeover ? { serverNoContextTakeover: true, clientNoContextTakeover: true } : {};
        assert.equal(await echoesOf(server.url, offered, large), 'permessage-deflate');
      }
    }
  });

  test(`ws uses the window of the server, contextTakeover: ${contextTakeover}`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    for (const maxWindowBits of bits) {
      const server = await serve(t, echoing(contextTakeover, maxWindowBits));
      for (const offered of [{}, { clientMaxWindowBits: 12, serverMaxWindowBits: 12 }]) {
        assert.equal(await echoesOf(server.url, offered, [...small, ...medium]), 'permessage-deflate');
      }
    }
  });
}

test('ws reads broadcasts between single messages, with context takeover', async (t) => {
  t.diagnostic(`seed ${seed}`);
  const server = await serve(t, echoing(true));
  const clients = bits.map((serverMaxWindowBits) => {
    const client = new WsClient(server.url, { perMessageDeflate: { threshold: 0, serverMaxWindowBits } });
    const received: string[] = [];
    client.on('message', (data) => received.push(data.toString()));
    t.after(() => client.terminate());
    return { client, received };
  });
  await Promise.all(clients.map(({ client }) => once(client, 'open')));
  await server.connected(clients.length);
  const connections = server.served.map(({ connection }) => connection);
  const expected = connections.map((): string[] => []);
  for (let i = 0; i < 60; i++) {
    const length = Math.floor(2 ** (random() * (i % 10 === 0 ? 16 : 10)));
    const message = text(length);
    if (random() < 0.5) {
      broadcast(connections, message);
      for (const list of expected) list.push(message);
    } else {
      const index = Math.floor(random() * connections.length);
      connections[index]!.send(message);
      expected[index]!.push(message);
    }
  }
  await eventually(() => clients.every(({ received }, index) => received.length === expected[index]!.length));
  // The messages show which client belongs to which connection.
  for (const { received } of clients) {
    assert.ok(
      expected.some((list) => list.length === received.length && list.every((message, at) => message === received[at])),
    );
  }
});
