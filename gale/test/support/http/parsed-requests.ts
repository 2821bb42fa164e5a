/**
 * Helpers for tests of the request parser: they parse a text split at every byte and check that it is accepted or rejected.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../../src/errors.ts';
import { HeadCaches } from '../../../src/http/protocol/request-head.ts';
import type { HeadLimits, RequestHead } from '../../../src/http/protocol/request-head.ts';
import { RequestParser } from '../../../src/http/protocol/parser.ts';

/** Small limits that fixtures can reach. */
export const limits: HeadLimits = { maxRequestLineBytes: 256, maxHeadBytes: 1024, maxHeaderCount: 10 };

/** One request from the events of the parser. */
export interface Read {
  /** `METHOD target version declared flags`. */
  readonly line: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly headers: readonly (readonly [string, string])[];
  body: string;
  ended: boolean;
}

/** All requests, and the code of the error if there was one. */
export interface Outcome {
  readonly requests: readonly Read[];
  readonly error: string | undefined;
}

/** Feeds a parser with `parts` and collects the requests and the code of the error. */
export function read(parts: readonly Buffer[], caches?: HeadCaches, sizes: HeadLimits = limits): Outcome {
  const requests: Read[] = [];
  const parser = new RequestParser(
    {
      onHead(head) {
        requests.push({
          line: describe(head),
          path: head.path,
          query: head.query,
          host: head.host,
          headers: [...head.fields.headers],
          body: '',
          ended: false,
        });
      },
      onBody(bytes) {
        assert.ok(bytes.length > 0);
        (requests.at(-1) as Read).body += bytes.toString('latin1');
      },
      onEnd() {
        (requests.at(-1) as Read).ended = true;
      },
    },
    sizes,
    caches,
  );
  let error: string | undefined;
  for (const part of parts) {
    try {
      parser.feed(part);
    } catch (thrown) {
      assert.ok(thrown instanceof ProtocolError, String(thrown));
      assert.equal(error, undefined, 'nothing is parsed after an error');
      error = thrown.code;
    }
  }
  return { requests, error };
}

function describe(head: RequestHead): string {
  const flags = `${head.keepAlive ? ' keep-alive' : ' close'}${head.expectsContinue ? ' continue' : ''}`;
  return `${head.method} ${head.target} ${head.version} ${head.declaredBytes ?? 'chunked'}${flags}`;
}

/** Parses the text whole, split in two at every byte, byte by byte, and with a warm cache. All outcomes must be equal. */
export function readEveryWay(text: string, sizes: HeadLimits = limits): Outcome {
  const bytes = Buffer.from(text, 'latin1');
  const whole = read([bytes], undefined, sizes);
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)], undefined, sizes), whole, `split at byte ${at}`);
  }
  const single = Array.from(bytes, (byte) => Buffer.of(byte));
  assert.deepEqual(read(single, undefined, sizes), whole, 'byte by byte');
  const caches = new HeadCaches();
  for (let time = 1; time <= 3; time++) {
    assert.deepEqual(read([bytes], caches, sizes), whole, `with a cache, pass ${time}`);
  }
  return whole;
}

/** Head of a request with `Host: a` and these further lines. */
export function get(...lines: string[]): string {
  return `${['GET / HTTP/1.1', 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
}

/** A chunked request with this body. */
export function chunked(body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
}

/** Tests that every request of `text` is complete and has the expected properties. */
export function accepts(name: string, text: string, expected: readonly Partial<Read>[]): void {
  test(`accepts ${name}`, () => {
    const { requests, error } = readEveryWay(text);
    assert.equal(error, undefined);
    assert.equal(requests.length, expected.length);
    for (const [index, request] of requests.entries()) {
      assert.ok(request.ended, 'the request is complete');
      for (const [key, value] of Object.entries(expected[index] as object)) {
        assert.deepEqual(request[key as keyof Read], value);
      }
    }
  });
}

/** Tests that `text` is rejected with `code`, and that the valid request after it is never parsed. */
export function refuses(name: string, text: string, code: string): void {
  test(`rejects ${name}`, () => {
    const { requests, error } = readEveryWay(`${text}GET /after HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal(error, code);
    assert.ok(
      requests.every((request) => !request.line.includes('/after')),
      'nothing is parsed after the error',
    );
    assert.ok(
      requests.every((request) => !request.ended),
      'the malformed request never ends',
    );
  });
}
