import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../../http/request.ts';
import { isSameOrigin } from './origin.ts';

const origins: { origin: string; host: string; protocol: 'http' | 'https'; same: boolean }[] = [
  { origin: 'http://example.com', host: 'example.com', protocol: 'http', same: true },
  { origin: 'HTTP://Example.COM', host: 'example.com', protocol: 'http', same: true },
  { origin: 'http://example.com:80', host: 'example.com', protocol: 'http', same: true },
  { origin: 'http://example.com', host: 'example.com:80', protocol: 'http', same: true },
  { origin: 'https://example.com', host: 'example.com:443', protocol: 'https', same: true },
  { origin: 'http://example.com:8888', host: 'example.com:8888', protocol: 'http', same: true },
  { origin: 'http://[::1]:8888', host: '[::1]:8888', protocol: 'http', same: true },
  { origin: 'https://example.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'http://example.com', host: 'example.com', protocol: 'https', same: false },
  { origin: 'http://example.com:8889', host: 'example.com:8888', protocol: 'http', same: false },
  { origin: 'http://example.com', host: 'example.com:8888', protocol: 'http', same: false },
  { origin: 'http://evil.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'http://example.com.evil.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'http://example.com@evil.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'http://evil.com/example.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'http://example.com/', host: 'example.com', protocol: 'http', same: false },
  { origin: 'example.com', host: 'example.com', protocol: 'http', same: false },
  { origin: 'null', host: 'example.com', protocol: 'http', same: false },
  { origin: 'null', host: '', protocol: 'http', same: false },
  { origin: '', host: '', protocol: 'http', same: false },
  { origin: 'http://', host: '', protocol: 'http', same: false },
  { origin: 'file://', host: '', protocol: 'http', same: false },
  { origin: 'ws://example.com', host: 'example.com', protocol: 'http', same: false },
];

for (const { origin, host, protocol, same } of origins) {
  test(`'${origin}' is ${same ? '' : 'not '}the origin of ${protocol}://${host}`, () => {
    assert.equal(isSameOrigin({ host, protocol } as HttpRequest, origin), same);
  });
}
