/**
 * M23: the windows of a person who is deactivated, or removed from a room, end on all servers: within one second while the live channel
 * works, and within two seconds while it does not.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { deactivated } from '../wire.ts';
import { password, startServer, Visitor } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';
import { severalServers } from './support/storages.ts';
import { until } from './support/until.ts';
import { within } from './support/within.ts';

const { skip, open } = severalServers;

interface TwoServers {
  readonly ada: Visitor;
  /** Bob's id. */
  readonly bob: string;
  /** Bob's windows on both servers. */
  readonly windows: readonly RawSocket[];
  /** Ends the live channel. */
  cut(): Promise<void>;
  /** Starts it again. */
  restore(): Promise<void>;
}

async function start(t: TestContext): Promise<TwoServers> {
  const storage = await open(t);
  const [one, other] = await Promise.all([
    startServer(t, { args: storage.args }),
    startServer(t, { args: storage.args }),
  ]);
  const ada = new Visitor(t, one.url);
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  const visitor = new Visitor(t, one.url);
  await visitor.register('Bob');
  const here = await RawSocket.open(visitor);
  visitor.url = other.url;
  const there = await RawSocket.open(visitor);
  const { me } = (await here.frame({ type: 'welcome' })) as unknown as { readonly me: { readonly id: string } };
  const cut = async (): Promise<void> => storage.redis?.kill();
  const restore = async (): Promise<void> => storage.redis?.restart();
  return { ada, bob: me.id, windows: [here, there], cut, restore };
}

for (const isCut of [false, true]) {
  const how = isCut ? 'without the live channel' : 'with the live channel';
  const limitMs = isCut ? 2000 : 1000;

  test(
    `M23: a deactivation on one server closes the windows on both within ${limitMs} ms, ${how}`,
    { skip },
    async (t) => {
      const { ada, bob, windows, cut } = await start(t);
      const html = await (await ada.get('/admin/people')).text();
      const _xsrf = /name="_xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
      if (isCut) await cut();
      // The time counts from the request, not from its response.
      const closed = Promise.all(windows.map((window) => window.closed));
      const post = ada.post('/admin/people', { _xsrf, action: 'deactivate', id: bob });
      const end = { code: 4401, reason: 'the account is deactivated' };
      assert.equal(end.reason, deactivated);
      assert.deepEqual(await within(closed, () => 'the end of the windows', limitMs), [end, end]);
      assert.equal((await post).status, 303);
    },
  );

  test(
    `M23: a person who is removed from a room gets nothing more of it within ${limitMs} ms, ${how}`,
    { skip },
    async (t) => {
      const { ada, bob, windows, cut, restore } = await start(t);
      const owner = await RawSocket.open(ada);
      const made = await owner.do('make-room', { name: 'Plans', kind: 'private', people: [bob] });
      const room = (made['room'] as { readonly id: string }).id;
      for (const window of windows) for (const each of [room, 'lobby']) await window.do('subscribe', { room: each });
      if (isCut) await cut();
      const removal = owner.ask('remove-person', { room, person: bob });
      const left = Promise.all(windows.map((window) => window.frame({ type: 'left', room })));
      await within(left, () => 'the end of the membership', limitMs);
      await removal;
      if (isCut) await restore();
      for (const to of [room, 'lobby'])
        await until(
          async () => (await owner.ask('publish', { room: to, id: to, data: { text: 'later' } }))['type'] === 'reply',
        );
      for (const window of windows) {
        await window.frame({ type: 'message', room: 'lobby' });
        assert.equal(
          window.frames.find((frame) => frame['type'] === 'message' && frame['room'] === room),
          undefined,
        );
        assert.equal((await window.ask('read-history', { room }))['code'], 'ROOM_UNKNOWN');
      }
    },
  );
}
