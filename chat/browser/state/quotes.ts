/** Looks up the messages to which others reply: among those of the page, else among the excerpts that it loaded. */
import type { Person } from 'gale/client';
import type { MessageData } from '../../wire.ts';
import type { RoomState } from './room-state.ts';

/** A quoted message. `loading`: the page has to ask the server. `gone`: the room does not have it. */
export type Quoted =
  | {
      readonly state: 'known';
      readonly seq: number;
      readonly author: Person;
      readonly text: string;
      readonly isOwn: boolean;
    }
  | { readonly state: 'loading' | 'deleted' | 'gone'; readonly seq: number };

/** Looks messages of a room up by their number. */
export type FindQuoted = (seq: number) => Quoted;

/** Prepares the look-ups of one layout of a room. */
export function quotedIn(room: RoomState, me: string): FindQuoted {
  let bySeq: Map<number | undefined, RoomState['messages'][number]> | undefined;
  return (seq) => {
    bySeq ??= new Map([...room.past, ...room.messages].map((message) => [message.seq, message]));
    const message = bySeq.get(seq);
    if (message) return toQuoted(seq, message.author, message.data, me);
    const excerpt = room.excerpts.get(seq);
    if (excerpt === undefined) return { state: 'loading', seq };
    if (excerpt === 'gone') return { state: 'gone', seq };
    return toQuoted(seq, excerpt.author, excerpt, me);
  };
}

/** Whether two look-ups show the same. */
export function isSameQuoted(a: Quoted | undefined, b: Quoted | undefined): boolean {
  if (a?.state !== b?.state || a?.seq !== b?.seq) return false;
  return !(a?.state === 'known' && b?.state === 'known') || (a.text === b.text && a.author.name === b.author.name);
}

function toQuoted(
  seq: number,
  author: Person,
  { text, deleted }: { readonly text: string; readonly deleted?: MessageData['deleted'] | true },
  me: string,
): Quoted {
  if (deleted) return { state: 'deleted', seq };
  return { state: 'known', seq, author, text, isOwn: author.id === me };
}
