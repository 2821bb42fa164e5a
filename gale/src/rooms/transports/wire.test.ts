import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RawConnection } from '../../../test/support/rooms/room-server.ts';

const page = await readFile(new URL('../../../../docs/wire.md', import.meta.url), 'utf8');
const transcript = [...page.matchAll(/^```wire\n(.*?)^```/gms)].flatMap(([, lines = '']) => lines.trim().split('\n'));

test('a server has the conversation in docs/wire.md', async (t) => {
  const server = await openRooms(t, { rooms: { presenceGraceMs: 3000 }, hooks: { canAmend: async () => {} } });
  const connections = new Map<string, RawConnection>();
  /** The epochs, lives and times of the page, and their values in this run. */
  const names = new Map<string, unknown>();
  const connectionOf = (person: string): RawConnection => {
    const connection = connections.get(person);
    assert.ok(connection, `${person} is connected`);
    return connection;
  };

  assert.ok(transcript.length > 30);
  for (const [index, step] of transcript.entries()) {
    const [, person = '', what = ''] = /^(\w+) (.+)$/.exec(step) ?? [];
    if (what === 'connects') connections.set(person, await server.connect(person));
    else if (what === 'is cut off') connectionOf(person).close();
    else if (what.startsWith('→')) {
      connectionOf(person).send(JSON.stringify(withNames(JSON.parse(what.slice(1)), names)));
    } else {
      assert.ok(what.startsWith('←'), step);
      // The order of a response and the events on other connections is undefined.
      const wanted: unknown = JSON.parse(what.slice(1));
      const frame = await connectionOf(person)
        .take((received) => fits(wanted, received, names))
        .catch((error: unknown) => assert.fail(`step ${index}: ${step}\n${String(error)}`));
      bind(wanted, frame, names);
      assert.deepEqual(frame, withNames(wanted, names));
    }
    if (!transcript[index + 1]?.includes('←') && what.startsWith('←')) {
      for (const [name, connection] of connections)
        assert.deepEqual(connection.frames, [], `${name} got more than the page says, after: ${step}`);
    }
  }
});

test('every command and event of section 3 and 4 is in the conversation or explained there', () => {
  const types = new Set(transcript.flatMap((step) => [...step.matchAll(/"type":"(\w+)"/g)].map((match) => match[1])));
  const tables = page.slice(page.indexOf('## 3.'), page.indexOf('## 5.'));
  const rows = [...tables.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  );
  assert.ok(rows.length >= 14, rows.join());
  assert.deepEqual(
    rows.filter((type) => !types.has(type)),
    ['ping', 'dropped', 'stale', 'reset', 'signal'],
  );
});

const unstable = new Set(['epoch', 'life', 'time', 'amended']);

/** Replaces the page's epochs, lives and times by those of this run. */
function withNames(value: unknown, names: ReadonlyMap<string, unknown>, key = ''): unknown {
  if (unstable.has(key)) return names.get(`${key} ${String(value)}`) ?? value;
  if (Array.isArray(value)) return value.map((item) => withNames(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNames(inner, names, name)]));
}

/** Whether a frame is the expected one, apart from epochs, lives and times that are not known yet. */
function fits(wanted: unknown, frame: unknown, names: ReadonlyMap<string, unknown>): boolean {
  const known = new Map(names);
  bind(wanted, frame, known);
  try {
    assert.deepEqual(frame, withNames(wanted, known));
    return true;
  } catch {
    return false;
  }
}

/** Records the values of the page's epochs, lives and times in this run. */
function bind(wanted: unknown, frame: unknown, names: Map<string, unknown>): void {
  if (typeof wanted !== 'object' || wanted === null || typeof frame !== 'object' || frame === null) return;
  for (const [key, value] of Object.entries(wanted)) {
    const is: unknown = (frame as Record<string, unknown>)[key];
    if (!unstable.has(key)) bind(value, is, names);
    else if (typeof is === typeof value && !names.has(`${key} ${String(value)}`))
      names.set(`${key} ${String(value)}`, is);
  }
}
