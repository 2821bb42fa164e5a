/** Changes of the data of messages in a room, and excerpts of messages that the page does not have. */
import type { MessageData, WireExcerpt, WireReaction } from '../../wire.ts';
import { advanceRead } from './reading.ts';
import type { ChatMessage, RoomState } from './room-state.ts';

/** Most excerpts of one room. */
const maxExcerpts = 200;

/** The messages up to one were deleted because of their age: they are neither shown nor unread. */
export function applyExpired(room: RoomState, seq: number): RoomState {
  const withoutExpired = (messages: readonly ChatMessage[]): readonly ChatMessage[] =>
    messages.filter((message) => (message.seq ?? Infinity) > seq);
  const past = withoutExpired(room.past);
  return {
    ...advanceRead(room, seq),
    firstSeq: Math.max(room.firstSeq ?? 0, seq + 1),
    messages: withoutExpired(room.messages),
    past,
    // An empty part of the history has no place in the room.
    isDetached: room.isDetached && past.length > 0,
    excerpts: new Map([...room.excerpts].map(([of, excerpt]) => [of, of > seq ? excerpt : 'gone'])),
  };
}

/** The message with a number, if the page has it. */
export function findMessage(
  { messages, past }: RoomState,
  seq: number,
): (ChatMessage & { readonly seq: number }) | undefined {
  const isIt = (message: ChatMessage): message is ChatMessage & { readonly seq: number } => message.seq === seq;
  return messages.find(isIt) ?? past.find(isIt);
}

/** Applies new data of a message, unless the page has newer data. Quotes of the message change too. */
export function applyData(room: RoomState, seq: number, data: MessageData): RoomState {
  const excerpts = changeExcerpt(room.excerpts, seq, data);
  // A message may be in both lists.
  const messages = changeMessage(room.messages, seq, data);
  const past = changeMessage(room.past, seq, data);
  const isSame = excerpts === room.excerpts && messages === room.messages && past === room.past;
  return isSame ? room : { ...room, excerpts, messages, past };
}

function changeMessage(messages: readonly ChatMessage[], seq: number, data: MessageData): readonly ChatMessage[] {
  const index = messages.findIndex((message) => message.seq === seq);
  const message = messages[index];
  if (message === undefined || changeOf(data) < changeOf(message.data)) return messages;
  return messages.with(index, { ...message, data });
}

/** Adds excerpts. @param asked - Those that were asked for; one that did not come does not exist. */
export function applyExcerpts(room: RoomState, asked: readonly number[], came: readonly WireExcerpt[]): RoomState {
  const excerpts = new Map(room.excerpts);
  for (const seq of asked) excerpts.set(seq, came.find((excerpt) => excerpt.seq === seq) ?? 'gone');
  for (const seq of excerpts.keys()) {
    if (excerpts.size <= maxExcerpts) break;
    excerpts.delete(seq);
  }
  return { ...room, excerpts };
}

/** Whether a person has reacted with an emoji; undefined if the data does not have all people. */
export function isOwnReaction({ reactions = [] }: MessageData, emoji: string, personId: string): boolean | undefined {
  const reaction = reactions.find((each) => each.emoji === emoji);
  if (!reaction) return false;
  if (reaction.people.includes(personId)) return true;
  return reaction.count > reaction.people.length ? undefined : false;
}

/** Adds or removes a reaction before the server has replied. The number of the change stays. */
export function withReaction(room: RoomState, seq: number, emoji: string, personId: string, isOn: boolean): RoomState {
  const message = findMessage(room, seq);
  if (!message) return room;
  const { reactions = [], ...data } = message.data;
  const known = reactions.find((each) => each.emoji === emoji);
  let next: readonly WireReaction[];
  if (!known) next = isOn ? [...reactions, { emoji, count: 1, people: [personId] }] : reactions;
  else {
    const people = known.people.filter((id) => id !== personId);
    const wasOn = people.length < known.people.length;
    const changed = {
      emoji,
      count: known.count + Number(isOn) - Number(wasOn || (!isOn && known.count > known.people.length)),
      people: isOn ? [...people, personId] : people,
    };
    next = reactions.flatMap((each) => (each !== known ? [each] : changed.count > 0 ? [changed] : []));
  }
  return applyData(room, seq, next.length > 0 ? { ...data, reactions: next } : data);
}

/** Shows a text that the server does not have yet in place of that of a message; undefined ends it. */
export function withEdit(room: RoomState, seq: number, text: string | undefined): RoomState {
  if (room.edits.get(seq) === text) return room;
  const edits = new Map(room.edits);
  if (text === undefined) edits.delete(seq);
  else edits.set(seq, text);
  return { ...room, edits };
}

function changeOf({ change = 0 }: MessageData): number {
  return change;
}

function changeExcerpt(excerpts: RoomState['excerpts'], seq: number, data: MessageData): RoomState['excerpts'] {
  const known = excerpts.get(seq);
  if (known === undefined || known === 'gone') return excerpts;
  const { deleted: _, ...kept } = known;
  return new Map(excerpts).set(seq, { ...kept, text: data.text, ...(data.deleted ? { deleted: true as const } : {}) });
}
