/** A request whose body arrives after its session ended, and a link to sign in that is pressed in the moment of a new password. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { SignInLinks } from '../sign-in-links/sign-in-links.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { until } from './support/until.ts';

const newPassword = 'another good password';

async function setUp(t: TestContext): Promise<{ chat: ServedChat; ada: Visitor; id: string }> {
  const chat = await serveChat(t, { registration: 'invite' });
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  const { id } = await chat.database.tables.selectFrom('person').select('id').executeTakeFirstOrThrow();
  return { chat, ada, id };
}

async function changePassword(ada: Visitor): Promise<void> {
  const changed = await ada.submit('/settings/password', { current: password, password: newPassword }, '/settings');
  assert.equal(changed.status, 303);
}

/** What a person can do to another one, or themselves, and what makes that end. */
const ends: Readonly<Record<string, (parts: { chat: ServedChat; ada: Visitor; eve: string }) => Promise<unknown>>> = {
  'the end of its session': async ({ chat, eve }) =>
    chat.database.tables.deleteFrom('session').where('personId', '=', eve).execute(),
  'a deactivation': ({ ada, eve }) => ada.submit('/admin/people', { action: 'deactivate', id: eve }),
  'another role': ({ ada, eve }) => ada.submit('/admin/people', { action: 'role', role: 'member', id: eve }),
};

for (const [end, run] of Object.entries(ends)) {
  test(`a form does nothing if its body arrives after ${end}`, async (t) => {
    const { chat, ada } = await setUp(t);
    const eveWindow = chat.visitor();
    const { tables } = chat.database;
    await ada.submit('/admin/invites', { role: 'member', lasts: 'week', uses: 'any' });
    const path = /(\/invite\/[\w-]+)"/.exec(await (await ada.get('/admin/invites')).text())?.[1] ?? '';
    assert.equal((await eveWindow.submit(path, { name: 'Eve', password })).status, 303);
    const { id: eve } = await tables
      .selectFrom('person')
      .select('id')
      .where('name', '=', 'Eve')
      .executeTakeFirstOrThrow();
    await tables.updateTable('person').set({ role: 'administrator' }).execute();
    const page = await (await eveWindow.get('/admin/people')).text();
    const _xsrf = /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const held = await HeldForm.open(t, chat, eveWindow, { _xsrf, action: 'link', id: eve });
    await run({ chat, ada, eve });
    assert.match(await held.finish(), /^HTTP\/1\.1 (?:403|404) /);
    assert.deepEqual(await tables.selectFrom('signInLink').selectAll().execute(), []);
  });
}

/** A form to `/admin/people` of which the server has the head, has found out the sender, and waits for the body. */
class HeldForm {
  readonly #socket: Socket;
  readonly #rest: string;

  private constructor(socket: Socket, rest: string) {
    this.#socket = socket;
    this.#rest = rest;
  }

  static async open(
    t: TestContext,
    chat: ServedChat,
    visitor: Visitor,
    fields: Record<string, string>,
  ): Promise<HeldForm> {
    const find = t.mock.method(chat.store.accounts, 'findById');
    const body = new URLSearchParams(fields).toString();
    const { host, port } = new URL(chat.url);
    const socket = connect(Number(port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(
      `POST /admin/people HTTP/1.1\r\nHost: ${host}\r\nCookie: ${visitor.cookieHeader}\r\nConnection: close\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    const call = await until(() => find.mock.calls[0]);
    await call.result;
    find.mock.restore();
    return new HeldForm(socket, body.slice(5));
  }

  /** Sends the rest. @returns The response. */
  finish(): Promise<string> {
    this.#socket.write(this.#rest);
    return text(this.#socket);
  }
}

test('a link to sign in that is pressed in the moment of a new password signs nobody in', async (t) => {
  const { chat, ada, id } = await setUp(t);
  const made = await (await ada.submit('/admin/people', { action: 'link', id })).text();
  const path = /(\/sign-in\/[\w-]+)"/.exec(made)?.[1] ?? '';
  const use = SignInLinks.prototype.use;
  t.mock.method(SignInLinks.prototype, 'use', async function (this: SignInLinks, token: string) {
    const isUsed = await use.call(this, token);
    await changePassword(ada);
    return isUsed;
  });
  const thief = chat.visitor();
  assert.equal((await thief.submit(path, {})).status, 410);
  assert.equal((await thief.get('/')).status, 302);
  assert.equal((await ada.get('/')).status, 200);
});
