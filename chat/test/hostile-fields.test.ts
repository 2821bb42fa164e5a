/**
 * Fields of commands and forms with values that no page sends: other types, huge and malformed texts, numbers out of every range, names of
 * properties that all objects have. Each gets a small refusal or is harmless; none is an error of the server, and other people are served.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import type { Visitor } from './support/chat-server.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { servedDatabases } from './support/storages.ts';
import { within } from './support/within.ts';
import { allUses } from './support/wire-commands.ts';

/** Values as JSON, since some have no form in JavaScript. */
const values: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e999',
  '-1e999',
  '1e-400',
  '9007199254740993',
  '-9007199254740991',
  '9007199254740991',
  '9223372036854775808',
  '"1"',
  '"NaN"',
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"a\\udfff"',
  '"\\u202e\\u2066"',
  '"\\u200b\\u2060\\ufeff"',
  '"__proto__"',
  '"constructor"',
  '"%\' OR 1=1; --\\\\"',
  '"<@all><@__proto__>"',
  JSON.stringify('x'.repeat(60_000)),
  JSON.stringify('\u0345\u0334'.repeat(9000)),
  JSON.stringify('[](*_`~>'.repeat(7000)),
  '[]',
  '[null]',
  '[1e999]',
  '["\\u0000","\\ud800"]',
  `[${'["a"],'.repeat(5000)}0]`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`,
  `[${'"a",'.repeat(10_000)}"a"]`,
  '{}',
  '{"__proto__":{"isAdministrator":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"length":-1,"toString":null,"then":1}',
  '{"room":{},"seq":"1","time":1e999}',
];

/** Commands are counted, and these are many. */
const many = {
  rooms: { presenceGraceMs: 0, commandBurst: 1_000_000, personPublishBurst: 1_000_000, roomPublishBurst: 1_000_000 },
};

async function idOf({ database: { tables } }: ServedChat, name: string): Promise<string> {
  return (await tables.selectFrom('person').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
}

/** Opens a window of a person. @returns Sends a frame, and waits for the response with its `ref`. */
async function openWindow(person: Visitor): Promise<(ref: number, frame: string) => Promise<Frame>> {
  const socket = person.socket();
  const waiting = new Map<unknown, (frame: Frame) => void>();
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(data as string) as Frame;
    waiting.get(frame['ref'] ?? frame['type'])?.(frame);
  });
  const response = (key: unknown, what: string): Promise<Frame> => {
    const { promise, resolve } = Promise.withResolvers<Frame>();
    waiting.set(key, resolve);
    return within(promise, () => `the response to ${what}`).finally(() => waiting.delete(key));
  };
  await response('welcome', 'the handshake');
  return (ref, frame) => {
    socket.send(frame);
    return response(ref, frame.slice(0, 200));
  };
}

for (const { name, skip, parts } of servedDatabases) {
  test(`${name}: no field of a command is an error of the server, whatever its value`, { skip }, async (t) => {
    const chat = await serveChat(t, { ...many, ...(await parts()) });
    const ann = await RawSocket.open(await chat.person('Ann'));
    const eve = await chat.person('Eve');
    const eveId = await idOf(chat, 'Eve');
    const room = ((await ann.do('make-room', { name: 'Tea', people: [eveId] }))['room'] as Frame)['id'] as string;
    await ann.do('subscribe', { room });
    for (let seq = 1; seq <= 2; seq++) await ann.do('publish', { room, id: `m${seq}`, data: { text: 'hello' } });
    await ann.do('read-history', { room, around: 1 });
    const ask = await openWindow(eve);
    let ref = 0;
    const send = async (type: string, fields: ReadonlyMap<string, string>): Promise<void> => {
      ref++;
      const parts = [...fields].map(([field, value]) => `,${JSON.stringify(field)}:${value}`).join('');
      const frame = `{"type":"${type}","ref":${ref}${parts}}`;
      if (Buffer.byteLength(frame) > 65_000) return;
      const reply = await ask(ref, frame);
      const what = `${type} ${parts.slice(0, 100)}: ${JSON.stringify(reply).slice(0, 300)}`;
      if (reply['type'] === 'reply') return;
      assert.equal(reply['type'], 'error', what);
      assert.match(String(reply['code']), /^(?:CHAT_|ROOM_(?:BAD_COMMAND|UNKNOWN|NOT_MEMBER|AMEND_REFUSED))/, what);
      assert.ok(JSON.stringify(reply).length < 1000, `a refusal is small: ${what}`);
    };
    for (const [type, use] of allUses(room, eveId)) {
      if (type === 'leave-room') continue;
      const fields = new Map(Object.entries(use).map(([field, value]) => [field, JSON.stringify(value)]));
      for (const field of fields.keys())
        for (const value of values) await send(type, new Map([...fields, [field, value]]));
      if (type !== 'publish') continue;
      for (const part of ['text', 'reply', 'mentions'])
        for (const value of values)
          await send(type, new Map([...fields, ['data', `{"text":"hi","${part}":${value}}`]]));
    }
    assert.equal(({} as { isAdministrator?: boolean }).isAdministrator, undefined);
    await ann.do('publish', { room, id: 'after', data: { text: 'still here' } });
    // What Eve wrote is text that people can read: no foreign author, no invented fields.
    const stored = await chat.database.tables.selectFrom('message').selectAll().where('roomId', '=', room).execute();
    for (const { text, sentAt, authorId } of stored) {
      assert.ok(text.isWellFormed() && !text.includes('\0'));
      assert.ok(Number.isSafeInteger(sentAt));
      assert.ok([eveId, await idOf(chat, 'Ann')].includes(authorId));
    }
  });
}
