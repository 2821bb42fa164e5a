/** Forms that are sent at the same moment: an invite lets in as many people as it has uses, a link works once, one administrator remains. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { serveChat, type ServedChat, type ServedParts } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { servedDatabases } from './support/storages.ts';

/** All visitors have one address, whose limits are not the subject here. */
const unlimited = { limits: 'off', log: { debug() {}, info() {}, warn() {}, error() {} } } as const;

async function start(
  t: TestContext,
  parts: ServedParts,
): Promise<{ readonly chat: ServedChat; readonly ada: Visitor }> {
  const chat = await serveChat(t, { ...unlimited, registration: 'invite', ...parts });
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  return { chat, ada };
}

async function invite(ada: Visitor, uses: string): Promise<string> {
  assert.equal((await ada.submit('/admin/invites', { role: 'member', lasts: 'week', uses })).status, 303);
  return /(\/invite\/[\w-]+)"/.exec(await (await ada.get('/admin/invites')).text())?.[1] ?? '';
}

async function idOf({ database: { tables } }: ServedChat, name: string): Promise<string> {
  return (await tables.selectFrom('person').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
}

/** The number of results of each status. */
function countOf(responses: readonly Response[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

for (const { name, skip, parts } of servedDatabases) {
  test(`${name}: of 50 people who register at once, an invite with 10 uses lets in 10`, { skip }, async (t) => {
    const { chat, ada } = await start(t, await parts());
    const path = await invite(ada, '10');
    const visitors = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const visitor = chat.visitor();
        const page = await (await visitor.get(path)).text();
        const _xsrf = /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
        return { visitor, fields: { _xsrf, name: `Person ${index}`, password } };
      }),
    );
    const responses = await Promise.all(visitors.map(({ visitor, fields }) => visitor.post(path, fields)));
    const { 303: joined, ...others } = countOf(responses);
    assert.equal(joined, 10);
    // The form says it, the page of a link that is used up, or the queue of password hashes is full.
    assert.deepEqual(
      Object.keys(others).filter((status) => !['400', '410', '429'].includes(status)),
      [],
    );
    const people = await chat.database.tables.selectFrom('person').select('name').execute();
    assert.equal(people.length, 11);
    const row = await chat.database.tables.selectFrom('invite').select(['uses', 'maxUses']).executeTakeFirstOrThrow();
    assert.deepEqual({ ...row }, { uses: 10, maxUses: 10 });
    // A refused person has no cursor or session left over, and no name is taken.
    const sessions = await chat.database.tables
      .selectFrom('session')
      .select('personId')
      .where('personId', 'is not', null)
      .execute();
    assert.equal(sessions.length, 11);
  });

  test(`${name}: of two administrators who demote each other at once, one remains`, { skip }, async (t) => {
    const { chat, ada } = await start(t, await parts());
    const bob = chat.visitor();
    assert.equal((await bob.submit(await invite(ada, 'any'), { name: 'Bob', password })).status, 303);
    const [adaId, bobId] = [await idOf(chat, 'Ada'), await idOf(chat, 'Bob')];
    for (const action of [
      { action: 'role', role: 'member' },
      { action: 'role', role: 'guest' },
      { action: 'deactivate' },
    ]) {
      await chat.database.tables
        .updateTable('person')
        .set({ role: 'administrator', deactivatedAt: null })
        .where('id', 'in', [adaId, bobId])
        .execute();
      const windows = [ada, bob];
      for (const [index, visitor] of windows.entries())
        if ((await visitor.get('/admin/people')).status !== 200) await visitor.logIn(['Ada', 'Bob'][index] ?? '');
      const tokens = await Promise.all(
        windows.map(
          async (visitor) =>
            /name="_xsrf" value="([^"]+)"/.exec(await (await visitor.get('/admin/people')).text())?.[1] ?? '',
        ),
      );
      await Promise.all(
        windows.map((visitor, index) =>
          visitor.post('/admin/people', { _xsrf: tokens[index] ?? '', ...action, id: [bobId, adaId][index] ?? '' }),
        ),
      );
      const left = await chat.database.tables
        .selectFrom('person')
        .select('id')
        .where('role', '=', 'administrator')
        .where('deactivatedAt', 'is', null)
        .execute();
      assert.equal(left.length, 1, JSON.stringify(action));
    }
  });

  test(`${name}: a link to sign in that is pressed 20 times at once signs in once`, { skip }, async (t) => {
    const { chat, ada } = await start(t, await parts());
    const made = await (await ada.submit('/admin/people', { action: 'link', id: await idOf(chat, 'Ada') })).text();
    const path = /(\/sign-in\/[\w-]+)"/.exec(made)?.[1] ?? '';
    const visitors = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const visitor = chat.visitor();
        const page = await (await visitor.get(path)).text();
        return { visitor, _xsrf: /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '' };
      }),
    );
    const responses = await Promise.all(visitors.map(({ visitor, _xsrf }) => visitor.post(path, { _xsrf })));
    assert.deepEqual(countOf(responses), { 303: 1, 410: 19 });
  });
}
