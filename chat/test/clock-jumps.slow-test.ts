/** A server whose clock is an hour back, and then an hour ahead, after a restart: order, what is unread, sessions and invites stay right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { password, startServer, Visitor, type ServerProcess } from './support/chat-server.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { runCommand } from './support/run-command.ts';
import { storages, storagesWithPostgres } from './support/storages.ts';
import { until } from './support/until.ts';

const hourMs = 3_600_000;
const preload = fileURLToPath(new URL('./support/shifted-clock.ts', import.meta.url));

interface ListedRoom {
  readonly id: string;
  readonly topSeq: number;
  readonly readSeq: number;
}

/** The lobby in the welcome of a window. */
function lobbyOf({ frames }: RawSocket): ListedRoom {
  return (frames[0]!['rooms'] as ListedRoom[]).find(({ id }) => id === 'lobby')!;
}

for (const { name, skip, open } of [storages[0]!, ...storagesWithPostgres]) {
  test(
    `${name}: a clock that jumps between two starts changes no order, and ends no session and no invite`,
    { skip },
    async (t) => {
      const storage = await open(t);
      const start = (aheadMs: number): Promise<ServerProcess> =>
        startServer(t, {
          args: [...storage.args],
          environment: { NODE_OPTIONS: `--import=${preload}`, CLOCK_AHEAD_MS: String(aheadMs) },
        });
      let server = await start(0);
      const [ann, bob] = [new Visitor(t, server.url), new Visitor(t, server.url)];
      await ann.register('Ann');
      await bob.register('Bob');
      const made = await runCommand(
        'invite',
        '--origin=http://localhost:8888',
        ...storage.args.filter((arg) => !arg.startsWith('--redis')),
      );
      assert.deepEqual([made.code, made.errors], [0, '']);
      const [, invite = ''] = /(\/invite\/\S+)/.exec(made.output) ?? [];
      assert.notEqual(invite, '', made.output);

      let count = 0;
      const texts = (): string[] => Array.from({ length: count }, (_, index) => `message ${index + 1}`);
      /** Bob looks at what there is, then Ann sends three messages. */
      const talk = async (): Promise<void> => {
        const reader = await RawSocket.open(bob);
        const before = lobbyOf(reader);
        assert.deepEqual([before.topSeq, before.topSeq - before.readSeq], [count, Math.min(count, 1)]);
        if (count > 0) await reader.do('seen', { room: 'lobby', seq: count });
        const writer = await RawSocket.open(ann);
        await writer.do('subscribe', { room: 'lobby' });
        for (let part = 0; part < 3; part++) {
          const text = `message ${++count}`;
          await writer.do('publish', { room: 'lobby', id: `m${count}`, data: { text } });
          await writer.frame({ type: 'message', id: `m${count}` });
        }
        const history = await until(async () => {
          const reply = (await reader.do('read-history', { room: 'lobby' })) as unknown as {
            messages: readonly { seq: number; data: { text: string } }[];
          };
          return reply.messages.length === count && reply.messages;
        });
        assert.deepEqual(
          history.map(({ data }) => data.text),
          texts(),
        );
        // The newest one of each visit stays unread.
        await reader.do('seen', { room: 'lobby', seq: count - 1 });
        const stream = await RawSocket.open(bob);
        await stream.do('subscribe', { room: 'lobby' });
        await stream.frame({ type: 'message', id: `m${count}` });
        const offsets = stream.frames.filter(({ type }: Frame) => type === 'message').map(({ id }) => id);
        assert.deepEqual(
          offsets,
          texts().map((text) => text.replace('message ', 'm')),
        );
        // The edit of a message from before the jump, and its deletion.
        const edited = await writer.do('edit-message', { room: 'lobby', seq: 1, text: `message 1` });
        assert.equal((edited['data'] as { text: string }).text, 'message 1');
      };

      await talk();
      for (const [aheadMs, guest] of [
        [-hourMs, 'Cy'],
        [hourMs, 'Dee'],
        [0, 'Eve'],
      ] as const) {
        assert.equal(await server.end('SIGTERM'), 0);
        server = await start(aheadMs);
        for (const visitor of [ann, bob]) visitor.url = server.url;
        // Both are signed in.
        for (const visitor of [ann, bob]) assert.equal((await visitor.get('/')).status, 200);
        await talk();
        const joined = new Visitor(t, server.url);
        assert.equal((await joined.submit(invite, { name: guest, password })).status, 303, guest);
        assert.equal(lobbyOf(await RawSocket.open(joined)).topSeq, count);
        await new Visitor(t, server.url).logIn('Ann');
      }
      const { tables, close } = await storage.openDatabase();
      t.after(close);
      const rows = await tables
        .selectFrom('message')
        .select(['seq', 'text'])
        .where('roomId', '=', 'lobby')
        .orderBy('seq')
        .execute();
      assert.deepEqual(
        rows.map(({ seq, text }) => `${seq} ${text}`),
        texts().map((text, index) => `${index + 1} ${text}`),
      );
      assert.doesNotMatch(server.output, /UnhandledRejection|uncaught/i);
    },
  );
}
