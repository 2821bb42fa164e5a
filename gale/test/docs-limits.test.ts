import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsPage } from '../../docs/build-reference.ts';
import { textOf } from './support/repository.ts';

/** Prefixes and suffixes of the names of limits. */
const isLimit = /^(max|min)[A-Z]|(Bytes|Count|Ms|PerSecond|Burst|PerPerson|PerAddress|Max)$/;
/** Options with such a name that are not limits: they configure compression and caches. */
const noLimits: readonly string[] = ['compressFromBytes', 'maxWindowBits', 'thresholdBytes', 'maxAgeSeconds'];

test('docs/guide/limits.md names every limit of the server, of WebSockets, of an application, of events and of rooms', async () => {
  const guide = await textOf('docs/guide/limits.md');
  const sections = (await optionsPage()).split(/^## /m);
  const titles = [
    'HTTP server',
    'WebSocket\n',
    'Application',
    'Server-sent events',
    'Middleware',
    'Redis store',
    'Sessions',
    'Memory store of sessions',
    'Several stores of sessions',
    'Rooms',
  ];
  const names = sections
    .filter((section) => titles.some((title) => section.startsWith(title)))
    .flatMap((section) => [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name))
    .filter((name) => isLimit.test(name) && !noLimits.includes(name));
  assert.ok(names.length > 30, `${names.length} limits`);
  assert.deepEqual(
    names.filter((name) => !guide.includes(`\`${name}\``)),
    [],
  );
});
