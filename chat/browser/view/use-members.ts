/** The members of the open room, loaded in pages while their list is on screen, and again when it changes. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { WireMember, WireRoomRole } from '../../rooms/wire-rooms.ts';
import type { Chat } from '../session/chat.ts';
import type { RoomState } from '../state/room-state.ts';
import { findPeople } from '../text/find-people.ts';

/** Time between the last change or input and the question to the server, in milliseconds. */
const askAfterMs = 150;

/** Longest time between a change of the members and the question to the server, in milliseconds, for each person who may ask. */
const spreadMs = 10;
const maxSpreadMs = 20_000;

/** What is known of the members. */
export interface KnownMembers {
  readonly list: readonly WireMember[];
  /** Number of all members, without regard to the search; 0 until it is known. */
  readonly count: number;
  readonly roles: ReadonlyMap<string, WireRoomRole>;
  /** Undefined after the last page. */
  readonly next: string | undefined;
  readonly loadMore: () => void;
}

interface Pages extends Pick<KnownMembers, 'list' | 'count' | 'next'> {
  readonly query: string;
}

/** Loads the members who match a search. Without a connection the list stays as it is. */
export function useMembers(chat: Chat, room: RoomState, query: string): KnownMembers {
  const [pages, setPages] = useState<Pages>({ query: '', list: [], count: 0, next: undefined });
  const question = useRef({});
  const load = (after: string | undefined): void => {
    const mine = (question.current = {});
    const fields = { room: room.id, query, ...(after === undefined ? {} : { after }) };
    chat.command('members', fields).then(
      ({ members, count, next }) => {
        if (question.current !== mine) return;
        setPages((before) => ({
          query,
          list: after === undefined ? members : [...before.list, ...members],
          count,
          next,
        }));
      },
      () => undefined,
    );
  };
  const { state: connection } = chat.store.value.connection;
  const isFirst = useRef(true);
  useEffect(() => {
    if (connection !== 'open') return undefined;
    const timer = setTimeout(() => load(undefined), isFirst.current ? 0 : askAfterMs);
    isFirst.current = false;
    return () => clearTimeout(timer);
  }, [room.id, query, connection]);
  const reload = useRef(load);
  reload.current = load;
  const knownVersion = useRef(room.membersVersion);
  const renewal = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (knownVersion.current === room.membersVersion) return;
    knownVersion.current = room.membersVersion;
    // Not everybody in the room asks at once, and changes that follow each other do not postpone it.
    const spread = Math.min(maxSpreadMs, spreadMs * Math.max(room.peopleCount, pages.count));
    renewal.current ??= setTimeout(
      () => {
        renewal.current = undefined;
        reload.current(undefined);
      },
      askAfterMs + Math.random() * spread,
    );
  }, [room.membersVersion]);
  useEffect(
    () => () => {
      question.current = {};
      clearTimeout(renewal.current);
    },
    [],
  );
  const roles = useMemo(() => new Map(pages.list.map(({ id, role }) => [id, role])), [pages.list]);
  // Until the server has found members by pinyin too, those that are known are searched by name.
  const list = pages.query === query ? pages.list : findPeople(pages.list, query);
  return { ...pages, list, roles, loadMore: () => load(pages.next) };
}
