/** Pages, scripts and styles are sent compressed, scripts and styles from the files of the build. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { serveChat } from './support/app.ts';
import type { Visitor } from './support/chat-server.ts';

const distPath = fileURLToPath(new URL('../dist', import.meta.url));

interface Fetched {
  readonly headers: ReadonlyMap<string, string>;
  /** As it was sent. */
  readonly body: Buffer;
}

/** Requests a path with these codings. `fetch` would decompress the body. */
async function get(visitor: Visitor, path: string, codings: string): Promise<Fetched> {
  const { promise, resolve, reject } = Promise.withResolvers<Fetched>();
  const offered = { cookie: visitor.cookieHeader, 'accept-encoding': codings };
  const sent = request(visitor.url + path, { headers: offered }, async (response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
    resolve({ headers, body: Buffer.concat(chunks) });
  });
  sent.once('error', reject);
  sent.end();
  return promise;
}

test('the page, its scripts and its styles are sent compressed: about a third of their size', async (t) => {
  const chat = await serveChat(t, { distPath });
  const ann = await chat.person('Ann');
  const page = (await get(ann, '/', 'identity')).body.toString();
  const assets = [...page.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(assets.length >= 3, `${assets}`);
  const total = { plain: 0, br: 0, gzip: 0 };
  for (const path of assets) {
    const plain = await get(ann, path, 'identity');
    assert.equal(plain.headers.get('content-encoding'), undefined, path);
    total.plain += plain.body.byteLength;
    for (const [coding, decompress] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const { headers, body } = await get(ann, path, coding);
      assert.equal(headers.get('content-encoding'), coding, path);
      assert.match(headers.get('vary') ?? '', /accept-encoding/i);
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.ok(decompress(body).equals(plain.body), path);
      total[coding] += body.byteLength;
    }
    // A browser over https offers all of them. The build has no zstd.
    assert.equal((await get(ann, path, 'gzip, deflate, br, zstd')).headers.get('content-encoding'), 'br', path);
  }
  assert.ok(total.br < total.plain / 3 && total.gzip < total.plain / 2.5, JSON.stringify(total));
  t.diagnostic(JSON.stringify(total));
});

test('pages with forms and the page with the rooms are compressed by the server', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  for (const [visitor, path] of [
    [ann, '/'],
    [chat.visitor(), '/login'],
    [ann, '/nowhere'],
  ] as const) {
    const { headers, body } = await get(visitor, path, 'gzip');
    assert.equal(headers.get('content-encoding'), 'gzip', path);
    assert.match(gunzipSync(body).toString(), /<\/html>/);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
});
