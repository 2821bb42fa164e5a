/** A chat without a browser, whose server is the test. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { RoomsClient } from 'gale/client';
import type { MessageData } from '../../wire.ts';
import type { RoomState } from '../state/room-state.ts';
import { ada, me, noon, wireRoom } from '../state/support.ts';
import { Drafts } from '../storage/drafts.ts';
import { Intents } from '../storage/intents.ts';
import { KeptTexts } from '../storage/kept-texts.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { Places } from '../storage/places.ts';
import { PeoplePanel } from '../storage/people-panel.ts';
import { StoredEntries } from '../storage/stored-entries.ts';
import { defaultChoices } from '../state/people.ts';
import { Chat, type FailedEntry } from './chat.ts';

/** A command that the page sent. */
export interface Sent {
  readonly type: string;
  readonly ref: number;
  readonly [field: string]: unknown;
}

/** A socket whose server is the test. */
export class FakeSocket extends EventTarget {
  readonly sent: Sent[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {}

  receive(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  /** The commands of a type, oldest first. */
  of(type: string): Sent[] {
    return this.sent.filter((command) => command.type === type);
  }

  reply(command: Sent | undefined, fields: object = {}): void {
    assert.ok(command, 'nothing to answer');
    this.receive({ type: 'reply', ref: command.ref, ...fields });
  }

  refuse(command: Sent | undefined, code: string): void {
    assert.ok(command, 'nothing to refuse');
    this.receive({ type: 'error', ref: command.ref, code, message: code, retry: false });
  }

  welcome(...rooms: object[]): void {
    const limits = { codePoints: 10, bytes: 40, roomName: 4 };
    this.receive({ type: 'welcome', person: me, me: { ...me, choices: defaultChoices }, limits, rooms });
  }

  cut(): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  }
}

/** A page, and what its address did. */
export interface Page {
  readonly chat: Chat;
  readonly client: RoomsClient;
  readonly sockets: FakeSocket[];
  readonly opened: string[];
  /** What the chat gets to know about the person at the next replies. */
  readonly stay: { hasStayed: boolean };
  room(id?: string): RoomState;
}

/** Opens a page that connects, without a room. */
export function openPage(t: TestContext, storage: MemoryStorage = new MemoryStorage()): Page {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: noon });
  const sockets: FakeSocket[] = [];
  const opened: string[] = [];
  const stay = { hasStayed: true };
  const client = new RoomsClient<MessageData>({
    url: 'ws://chat.example/socket',
    webSocket: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as unknown as WebSocket;
    },
    random: () => 1,
    outbox: new StoredEntries(storage, 'outbox me'),
  });
  const chat = new Chat({
    client,
    me,
    language: 'en',
    drafts: new Drafts(storage, me.id),
    intents: new Intents(storage, me.id),
    keptTexts: new KeptTexts(storage, me.id),
    peoplePanel: new PeoplePanel(storage),
    places: new Places(storage),
    failed: new StoredEntries<FailedEntry>(storage, 'failed me'),
    goTo: (roomId) => {
      opened.push(roomId);
      chat.show(roomId);
    },
    goToInstead: (roomId) => {
      opened.push(`instead ${roomId}`);
      chat.show(roomId);
    },
    startStay: () => () => stay.hasStayed,
    onOtherPerson: () => opened.push('as another person'),
  });
  client.connect();
  t.after(() => client.close());
  return {
    chat,
    client,
    sockets,
    opened,
    stay,
    room: (id = 'lobby') => {
      const room = chat.store.value.rooms.get(id);
      assert.ok(room, `no room ${id}`);
      return room;
    },
  };
}

/** Fields of the reply to `subscribe`. */
export const subscribed = (top: number, read: number): object => ({
  epoch: 'e1',
  top,
  first: 1,
  recovered: true,
  reset: false,
  dropped: 0,
  cursor: { epoch: 'e1', offset: read },
});
/** A message of the stream. */
export const messageFrame = (
  offset: number,
  author: object = ada,
  id: string = `m${offset}`,
  room = 'lobby',
): object => ({
  type: 'message',
  room,
  epoch: 'e1',
  offset,
  id,
  author,
  time: noon,
  data: { text: `text ${offset}` },
});

/** A page in a lobby of three messages, all read. */
export function openLobby(t: TestContext, storage?: MemoryStorage): Page & { socket: FakeSocket } {
  const page = openPage(t, storage);
  const socket = page.sockets[0]!;
  page.chat.show('lobby');
  socket.welcome(wireRoom({ top: 3, readSeq: 3 }));
  socket.reply(socket.of('subscribe')[0], subscribed(3, 3));
  for (const offset of [1, 2, 3]) socket.receive(messageFrame(offset));
  return { ...page, socket };
}
