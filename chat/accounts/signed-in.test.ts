import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { serveChat } from '../test/support/app.ts';
import { password, type Visitor } from '../test/support/chat-server.ts';

const dayMs = 86_400_000;

async function personOf(visitor: Visitor): Promise<{ readonly id: string; readonly name: string } | null> {
  const { person } = (await (await visitor.get('/me')).json()) as { person: { id: string; name: string } | null };
  return person;
}

test('the cookie has 128 random bits, and the store contains only its hash', async (t) => {
  const { store, person, visitor } = await serveChat(t);
  const ann = await person('Ann');
  const id = ann.cookies.get('session') ?? '';
  assert.equal(Buffer.from(id, 'base64url').byteLength, 16);
  const { id: personId = '' } = (await personOf(ann)) ?? {};
  const [stored] = await store.sessions.list(personId, Date.now());
  assert.equal(stored?.id, createHash('sha256').update(id).digest('hex'));
  const thief = visitor();
  thief.cookies.set('session', stored.id);
  assert.equal(await personOf(thief), null);
});

test('a session ends 30 days after the last visit, which is recorded once in an hour', async (t) => {
  let now = Date.now();
  const { store, person } = await serveChat(t, { now: () => now });
  const ann = await person('Ann');
  const cookie = ann.cookies.get('session');
  const { id = '' } = (await personOf(ann)) ?? {};
  const expiresAt = async (): Promise<number | undefined> => (await store.sessions.list(id, now))[0]?.expiresAt;
  const first = now + 30 * dayMs;
  assert.equal(await expiresAt(), first);
  now += dayMs / 24 - 1;
  assert.equal((await ann.get('/')).status, 200);
  assert.equal(await expiresAt(), first);
  now++;
  assert.equal((await ann.get('/')).status, 200);
  assert.equal(await expiresAt(), now + 30 * dayMs);
  // Also a session that began a year ago.
  for (let visit = 0; visit < 13; visit++) {
    now += 30 * dayMs - 1;
    assert.equal((await ann.get('/')).status, 200);
  }
  assert.equal(ann.cookies.get('session'), cookie);
  now += 30 * dayMs;
  assert.equal((await ann.get('/')).status, 302);
});

test('signs in although another window of the browser logs out at the same time', async (t) => {
  const { store, person } = await serveChat(t);
  await person('Bob');
  const ann = await person('Ann');
  const { id = '' } = (await personOf(ann)) ?? {};
  const find = store.accounts.findByNameKey.bind(store.accounts);
  t.mock.method(store.accounts, 'findByNameKey', async (key: string) => {
    const [session] = await store.sessions.list(id, Date.now());
    if (session) await store.sessions.end([session.id], Date.now());
    return find(key);
  });
  const token = await formToken(ann);
  assert.equal((await ann.post('/login', { name: 'Bob', password, _xsrf: token })).status, 303);
  assert.equal((await personOf(ann))?.name, 'Bob');
});

/** The token of the form for signing in, of this browser while nobody is signed in. */
async function formToken(visitor: Visitor): Promise<string> {
  const session = visitor.cookies.get('session') ?? '';
  visitor.cookies.delete('session');
  const page = await (await visitor.get('/login')).text();
  visitor.cookies.set('session', session);
  return /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
}
