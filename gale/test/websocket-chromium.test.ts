/** Chromium with a server of Gale: a page of the same server opens WebSockets, and a page of another server is rejected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { serve } from './support/web/web-server.ts';
import type { Served } from './support/web/web-server.ts';
import { WebSocketHandler } from '../src/web/websocket-handler.ts';
import { eventually } from './support/eventually.ts';

/** Close codes and reasons of the connections, in order. */
type Ends = string[];

class PageHandler extends RequestHandler {
  get(): void {
    void this.finish('<!doctype html><title>page</title>');
  }
}

/** A server with a page at `/` and a WebSocket at `/socket` that echoes, closes on request and accepts `chat.v1`. */
async function start(t: TestContext): Promise<{ served: Served; ends: Ends }> {
  const ends: Ends = [];
  class Echo extends WebSocketHandler {
    override selectSubprotocol(offered: readonly string[]): string | undefined {
      return offered.find((name) => name === 'chat.v1');
    }

    override onMessage(message: string | Buffer): void {
      const asked = /^close (\d+) (.*)$/.exec(String(message));
      if (asked !== null) this.close(Number(asked[1]), asked[2]);
      else if (message === 'terminate') this.connection.terminate();
      else this.writeMessage(message);
    }

    override onClose(code: number, reason: string): void {
      ends.push(`${code} ${reason}`.trimEnd());
    }
  }
  const served = await serve(t, [
    ['/', PageHandler],
    ['/socket', Echo],
  ]);
  return { served, ends };
}

async function openPage(t: TestContext, { port }: Served): Promise<Page> {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  return page;
}

/** The close event of a page. */
interface Closed {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

test('Chromium receives text, ArrayBuffer, Blob, empty and 1 MiB messages back unchanged', async (t) => {
  const { served } = await start(t);
  const page = await openPage(t, served);
  const wrong = await page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/socket`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const exchange = async (message: string | Blob | Uint8Array<ArrayBuffer>): Promise<unknown> => {
      const reply = new Promise<MessageEvent>((resolve) => {
        socket.addEventListener('message', resolve, { once: true });
      });
      socket.send(message);
      return (await reply).data;
    };
    const wrong: string[] = [];
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]) {
      const text = 'x'.repeat(length);
      if ((await exchange(text)) !== text) wrong.push(`text of ${length}`);
      const bytes = Uint8Array.from({ length }, (_, index) => index & 0xff);
      socket.binaryType = 'arraybuffer';
      const buffer = await exchange(bytes);
      if (!(buffer instanceof ArrayBuffer && `${new Uint8Array(buffer)}` === `${bytes}`))
        wrong.push(`buffer of ${length}`);
      socket.binaryType = 'blob';
      const blob = await exchange(new Blob([bytes]));
      if (!(blob instanceof Blob && `${await blob.bytes()}` === `${bytes}`)) wrong.push(`blob of ${length}`);
    }
    for (const text of ['世界😀', '\uFEFFmarked', '\0']) if ((await exchange(text)) !== text) wrong.push(text);
    socket.close();
    return wrong;
  });
  assert.deepEqual(wrong, []);
});

test('Chromium exchanges a thousand messages in order', async (t) => {
  const { served } = await start(t);
  const page = await openPage(t, served);
  const received = await page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/socket`);
    const received: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        if (received.push(data) === 1000) resolve();
      });
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    for (let index = 0; index < 1000; index++) socket.send(String(index));
    await all;
    socket.close();
    return received;
  });
  assert.deepEqual(
    received,
    Array.from({ length: 1000 }, (_, index) => String(index)),
  );
});

test('Chromium and the server report close codes and reasons, and a reset is not clean', async (t) => {
  const { served, ends } = await start(t);
  const page = await openPage(t, served);
  const close = (how: { client?: [number?, string?]; server?: string }): Promise<Closed> =>
    page.evaluate(async ({ client, server }) => {
      const socket = new WebSocket(`ws://${location.host}/socket`);
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
      if (client !== undefined) socket.close(...client);
      if (server !== undefined) socket.send(server);
      const { code, reason, wasClean } = await closed;
      return { code, reason, wasClean };
    }, how);
  assert.deepEqual(await close({ client: [] }), { code: 1005, reason: '', wasClean: true });
  assert.deepEqual(await close({ client: [1000] }), { code: 1000, reason: '', wasClean: true });
  assert.deepEqual(await close({ client: [4999, '再见'] }), { code: 4999, reason: '再见', wasClean: true });
  assert.deepEqual(await close({ server: 'close 1000 done' }), { code: 1000, reason: 'done', wasClean: true });
  assert.deepEqual(await close({ server: 'close 1012 再见' }), { code: 1012, reason: '再见', wasClean: true });
  assert.deepEqual(await close({ server: 'close 4008 slow' }), { code: 4008, reason: 'slow', wasClean: true });
  const terminated = await close({ server: 'terminate' });
  assert.deepEqual([terminated.code, terminated.wasClean], [1006, false]);
  await eventually(() => ends.length === 7);
  assert.deepEqual(ends.slice(0, 6), ['1005', '1000', '4999 再见', '1000 done', '1012 再见', '4008 slow']);
  assert.match(ends[6]!, /^1006/);
});

test('Chromium agrees on an offered subprotocol and does not connect without one', async (t) => {
  const { served } = await start(t);
  const page = await openPage(t, served);
  const offer = (protocols: string[]): Promise<string> =>
    page.evaluate(async (names) => {
      const socket = new WebSocket(`ws://${location.host}/socket`, names);
      return new Promise((resolve) => {
        socket.addEventListener('open', () => resolve(`open with '${socket.protocol}'`));
        socket.addEventListener('error', () => resolve('refused'));
      });
    }, protocols);
  assert.equal(await offer(['soap', 'chat.v1']), "open with 'chat.v1'");
  assert.equal(await offer([]), "open with ''");
  assert.equal(await offer(['soap']), 'refused');
});

test('Chromium connects from a page of this server, not from another origin', async (t) => {
  const { served } = await start(t);
  const { served: foreign } = await start(t);
  const page = await openPage(t, foreign);
  const connect = (port: number): Promise<string> =>
    page.evaluate(
      (to) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(`ws://127.0.0.1:${to}/socket`);
          socket.addEventListener('open', () => resolve('open'));
          socket.addEventListener('close', ({ code }) => resolve(`closed with ${code}`));
        }),
      port,
    );
  assert.equal(await connect(served.port), 'closed with 1006');
  await served.expectLine(
    /^warn: Requests are refused because of the page that sent them \(A page of "http:\/\/127\.0\.0\.1:\d+" tried to open a WebSocket/,
  );
  assert.equal(await connect(foreign.port), 'open');
});
