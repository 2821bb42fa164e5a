/**
 * Compares the parser with the one of Node.js: both servers receive the same bytes over a socket and must accept the same requests.
 * A request that only Gale accepts is a fault, because a proxy with a parser like that of Node.js would see other requests than Gale. The
 * few exceptions are {@link justified}. `FUZZ_RUNS` is the number of inputs, `FUZZ_SEED` repeats a failure.
 */
import assert from 'node:assert/strict';
import { createServer, METHODS } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import * as fc from 'fast-check';
import { fuzz, goodRequest, hostileBytes } from '../../../test/support/http/random-requests.ts';
import { serve } from '../../../test/support/http/http-server.ts';

/** A request as one of the servers saw it. */
interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  body: string;
  /** Whether its last byte arrived. */
  ended: boolean;
}

/** A server that records the requests of one connection at a time. */
interface Witness {
  readonly name: 'Gale' | 'Node';
  readonly port: number;
  seen: Seen[];
}

async function startGale(t: TestContext): Promise<Witness> {
  const { port } = await serve(t, async (request, response) => {
    const { method, target } = request;
    const seen: Seen = { method, target, headers: [...request.headers], body: '', ended: false };
    witness.seen.push(seen);
    try {
      for await (const part of request.body) seen.body += part.toString('latin1');
      seen.ended = true;
    } catch {
      // The body was malformed or never ended: the record stays incomplete.
    }
    response.send(200, []);
  });
  const witness: Witness = { name: 'Gale', port, seen: [] };
  return witness;
}

async function startNode(t: TestContext): Promise<Witness> {
  const note = (request: IncomingMessage): Seen => {
    const { method = '', url = '', rawHeaders } = request;
    const headers: [string, string][] = [];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      headers.push([(rawHeaders[index] as string).toLowerCase(), rawHeaders[index + 1] as string]);
    }
    const seen: Seen = { method, target: url, headers, body: '', ended: false };
    witness.seen.push(seen);
    return seen;
  };
  const respond: RequestListener = (request, response) => {
    const seen = note(request);
    request.setEncoding('latin1');
    request.on('data', (part: string) => {
      seen.body += part;
    });
    request.on('error', () => {});
    request.on('end', () => {
      seen.ended = true;
      response.end();
    });
  };
  const server = createServer({ insecureHTTPParser: false }, respond);
  // Otherwise the end of the stream would abort the requests before it.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('checkContinue', respond);
  server.on('checkExpectation', respond);
  server.on('connect', (request, socket) => {
    note(request).ended = true;
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const witness: Witness = { name: 'Node', port: (server.address() as AddressInfo).port, seen: [] };
  return witness;
}

/** Timeout for a server that has received the end of the stream. */
const deadlineMs = 5_000;

/** Sends `bytes` and the end of the stream, and waits until the server has closed; returns the requests it saw. */
async function ask(witness: Witness, bytes: Buffer): Promise<Seen[]> {
  witness.seen = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port: witness.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.setTimeout(deadlineMs, () => reject(new Error(`${witness.name} does not close`)));
    socket.resume();
    socket.end(bytes);
  });
  return witness.seen;
}

/** Reasons for which Gale may accept a request that Node.js rejects; each names the section that allows it. */
const justified: readonly {
  readonly why: string;
  readonly applies: (request: Seen, before: readonly Seen[], sent: string) => boolean;
}[] = [
  {
    why: 'Any token is a method (RFC 9110 §9.1); Node knows a list of them.',
    applies: ({ method }) => !METHODS.includes(method),
  },
  {
    why: 'Equal Content-Lengths may be taken as one (RFC 9110 §8.6).',
    applies: ({ headers }) => headers.filter(([name]) => name === 'content-length').length > 1,
  },
  {
    why: 'Proxy-Connection means nothing (RFC 9112 §C.2.2); Node ends the connection for it.',
    applies: (_, before) => before.at(-1)?.headers.some(([name]) => name === 'proxy-connection') === true,
  },
  {
    why: 'A tab after a value is whitespace (RFC 9110 §5.5, §5.6.3); Node does not know chunked with one.',
    applies: ({ headers }, _, sent) =>
      headers.some(([name]) => name === 'transfer-encoding') && /^transfer-encoding:[ \t]*chunked *\t/im.test(sent),
  },
  {
    why: 'A later version of HTTP/1 is processed as 1.1 (RFC 9110 §2.5); Node accepts 1.0 and 1.1 only.',
    applies: ({ method, target }, _, sent) =>
      [...'23456789'].some((minor) => sent.includes(`${method} ${target} HTTP/1.${minor}\r\n`)),
  },
  {
    why: 'Whitespace may be around ; and = of a chunk extension (RFC 9112 §7.1.1); Node refuses it.',
    applies: ({ headers }, _, sent) =>
      headers.some(([name]) => name === 'transfer-encoding') &&
      /^[0-9a-f]+(?:[ \t]*;[^\r]*)?(?:[ \t];|;[ \t]|[ \t]=|=[ \t])/im.test(sent),
  },
];

/** Result of one comparison. */
type Verdict = 'both' | 'neither' | 'node only' | 'justified';

/** Compares the requests of the two servers. */
function compare(gale: readonly Seen[], node: readonly Seen[], sent: string): Verdict {
  for (const [index, request] of gale.entries()) {
    const other = node[index];
    const isMore = other === undefined || (request.ended && !other.ended);
    if (isMore && justified.some(({ applies }) => applies(request, gale.slice(0, index), sent))) return 'justified';
    assert.ok(other !== undefined, `only Gale accepts request ${index}`);
    assert.ok(!isMore, `only Gale accepts the body of request ${index}`);
    if (request.ended) assert.deepEqual(request, other);
    else assert.deepEqual({ ...request, body: '', ended: false }, { ...other, body: '', ended: false });
  }
  const complete = gale.filter((request) => request.ended).length;
  if (node.filter((request) => request.ended).length > complete) return 'node only';
  return complete === 0 ? 'neither' : 'both';
}

test('Node parses what Gale accepts, with the same result', { timeout: 3_600_000 }, async (t) => {
  const gale = await startGale(t);
  const node = await startNode(t);
  const verdicts = new Map<Verdict, number>();
  await fuzz(
    1_500,
    fc.asyncProperty(hostileBytes, async (bytes) => {
      const [ours, theirs] = await Promise.all([ask(gale, bytes), ask(node, bytes)]);
      const verdict = compare(ours, theirs, bytes.toString('latin1'));
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }),
  );
  console.log(`verdicts: ${[...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}`);
  assert.ok((verdicts.get('both') ?? 0) > 0, 'some inputs are accepted by both');
});

test('both parsers accept every well-formed request and count the same number', { timeout: 3_600_000 }, async (t) => {
  const gale = await startGale(t);
  const node = await startNode(t);
  await fuzz(
    500,
    fc.asyncProperty(fc.array(goodRequest, { minLength: 1, maxLength: 5 }), async (requests) => {
      const bytes = Buffer.from(requests.join(''), 'latin1');
      const [ours, theirs] = await Promise.all([ask(gale, bytes), ask(node, bytes)]);
      const closing = requests.findIndex((request) => /\r\nconnection: x-y, close\r\n/.test(request));
      assert.equal(ours.length, closing < 0 ? requests.length : closing + 1);
      assert.ok(ours.every((request) => request.ended));
      assert.deepEqual(ours, theirs);
    }),
  );
});
