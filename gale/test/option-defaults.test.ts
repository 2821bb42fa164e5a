/** The defaults in docs/reference/options.md are those that the code uses. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { resolveCloseOptions } from '../src/http/options/close-options.ts';
import { resolveListenOptions } from '../src/http/options/listen-options.ts';
import { resolveServerOptions } from '../src/http/options/server-options.ts';
import { resolveRoomsClientOptions } from '../src/rooms/client/client-options.ts';
import { resolveRoomsOptions } from '../src/rooms/rooms-options.ts';
import { resolveEventsOptions } from '../src/web/events/events-options.ts';
import { resolveHealthOptions } from '../src/web/health/health-routes.ts';
import { resolveBasicAuthOptions } from '../src/web/middleware/basic-auth.ts';
import { resolveCompressOptions } from '../src/web/middleware/compress.ts';
import { resolveCorsOptions } from '../src/web/middleware/cors.ts';
import { resolveRateLimitOptions } from '../src/web/middleware/rate-limit.ts';
import { resolveRedisRateLimitStoreOptions } from '../src/web/middleware/redis-rate-limit-store.ts';
import { resolveRequestIdOptions } from '../src/web/middleware/request-id.ts';
import { resolveRequireUserOptions } from '../src/web/middleware/require-user.ts';
import { resolveSecurityHeadersOptions } from '../src/web/middleware/security-headers.ts';
import { resolveDefinition } from '../src/web/forms/form-definition.ts';
import { resolveSettings } from '../src/web/settings.ts';
import { resolveAuthenticatedOptions } from '../src/web/unauthenticated.ts';
import { resolveConnectOptions } from '../src/websocket/client/connect-options.ts';
import { resolveWebSocketOptions } from '../src/websocket/websocket-options.ts';

const page = await readFile(new URL('../../docs/reference/options.md', import.meta.url), 'utf8');
const units: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, hours: 3_600_000 };

/** Documented default of each option of a section, if it is a number, a boolean or a quoted text. */
function documentedDefaults(section: string): Map<string, unknown> {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  const [table = ''] = text.split('\n## ');
  const found = new Map<string, unknown>();
  for (const [, name = '', value = ''] of table.matchAll(/^\| `(\w+)` \| .* \| (.+) \|$/gm)) {
    const number = /^(\d[\d ]*)(?: (KiB|MiB|hours))?$/.exec(value);
    if (number !== null) found.set(name, Number(number[1]?.replaceAll(' ', '')) * (units[number[2] ?? ''] ?? 1));
    else if (value === 'true' || value === 'false') found.set(name, value === 'true');
    else if (/^'.*'$/.test(value)) found.set(name, value.slice(1, -1));
  }
  return found;
}

const sections: readonly (readonly [section: string, resolved: object, count: number])[] = [
  ['HTTP server', resolveServerOptions({}), 17],
  ['Closing a server', resolveCloseOptions({}), 2],
  ['Listening', resolveListenOptions({}), 3],
  ['WebSocket', resolveWebSocketOptions(undefined), 12],
  ['WebSocket client', resolveConnectOptions({}), 2],
  ['Application', resolveSettings({}), 4],
  ['Server-sent events', resolveEventsOptions({}), 2],
  ['Health routes', resolveHealthOptions({}), 4],
  ['Middleware compress', resolveCompressOptions({}), 5],
  ['Middleware cors', resolveCorsOptions({ origin: '*' }), 2],
  ['Middleware securityHeaders', resolveSecurityHeadersOptions({}), 4],
  ['Middleware rateLimit', resolveRateLimitOptions({ limit: 1 }), 3],
  ['Middleware requestId', resolveRequestIdOptions({}), 1],
  ['Middleware basicAuth', resolveBasicAuthOptions({ users: { ada: 'x' } }), 1],
  ['Signed-in users', resolveAuthenticatedOptions({}), 1],
  ['Middleware requireUser', resolveRequireUserOptions({}), 0],
  ['Redis store of rate limits', resolveRedisRateLimitStoreOptions({ url: 'redis://127.0.0.1' }), 2],
  ['Class of forms', resolveDefinition({}), 4],
  ['Rooms', resolveRoomsOptions({}), 21],
  ['Client of rooms', resolveRoomsClientOptions({ url: 'ws://chat.test/' }), 6],
];

test('there is a row for the options of each middleware', () => {
  const middlewares = [...page.matchAll(/^## (Middleware \w+)$/gm)].map(([, section]) => section);
  assert.ok(middlewares.length > 0);
  const tested = sections.map(([section]) => section);
  assert.deepEqual(
    middlewares.filter((section) => section === undefined || !tested.includes(section)),
    [],
  );
});

for (const [section, resolved, count] of sections) {
  test(`uses the documented defaults: ${section}`, () => {
    const documented = documentedDefaults(section);
    assert.ok(documented.size >= count, `${documented.size} documented defaults`);
    const used = Object.entries(resolved).filter(([name]) => documented.has(name));
    assert.deepEqual(Object.fromEntries(used), Object.fromEntries(documented));
  });
}
