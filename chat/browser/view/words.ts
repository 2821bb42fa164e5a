/** The language of the page for all components: texts, times, and the current day in the time zone of the reader. */
import { createContext, type Context } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Language, Translate } from '../../locale/index.ts';
import { lobbyId } from '../../wire.ts';
import type { RoomState } from '../state/room-state.ts';
import { dayKey, readerTimeZone, untilMidnight } from '../time/day.ts';
import { serverAheadMs, serverNow } from '../time/server-time.ts';

/** Language and texts for components. */
export interface Words {
  readonly language: Language;
  readonly t: Translate;
  /** A time of the current day, in milliseconds since 1970. */
  readonly today: number;
  /** The time zone of the reader. */
  readonly timeZone: string;
}

/** Time between checks of the day and the time zone while the person looks at the page, in milliseconds. */
const checkMs = 60_000;

/** Provided by `App`. */
export const WordsContext: Context<Words> = createContext<Words>({
  language: 'en',
  t: (key) => key,
  today: 0,
  timeZone: 'UTC',
});

/** @returns The language and texts of the page. */
export function useWords(): Words {
  return useContext(WordsContext);
}

/**
 * @returns A time of the current day, and the time zone. The component renders again when one of them changes. No event reports
 * that, and a computer that sleeps runs no timers, so both are checked when the person comes back to the window.
 */
export function useCalendar(): Calendar {
  const [calendar, setCalendar] = useState(readCalendar);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const check = (): void => {
      clearTimeout(timer);
      timer = setTimeout(check, Math.min(untilMidnight(serverNow()) + 1, checkMs));
      const now = readCalendar();
      setCalendar((shown) => (isSameDay(shown, now) ? shown : now));
    };
    check();
    window.addEventListener('focus', check);
    window.addEventListener('pageshow', check);
    document.addEventListener('visibilitychange', check);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('focus', check);
      window.removeEventListener('pageshow', check);
      document.removeEventListener('visibilitychange', check);
    };
  }, [serverAheadMs()]);
  return calendar;
}

type Calendar = Pick<Words, 'today' | 'timeZone'>;

function readCalendar(): Calendar {
  return { today: serverNow(), timeZone: readerTimeZone() };
}

function isSameDay(a: Calendar, b: Calendar): boolean {
  return a.timeZone === b.timeZone && dayKey(a.today, a.timeZone) === dayKey(b.today, b.timeZone);
}

/** A number of unread messages as it is shown. Labels contain it too, so that a person can say what they see. */
export function shownCount(count: number): string {
  return count > 999 ? '999+' : String(count);
}

/** The visible name of a room. */
export function roomName(room: Pick<RoomState, 'id' | 'name' | 'about'>, t: Translate): string {
  if (room.id === lobbyId) return t('lobby');
  if (room.about.people.length === 1) return t('noteToSelf');
  if (room.name !== '') return room.name;
  // After a reload the name of a removed room may be unknown.
  return t(room.about.kind === 'direct' ? 'deletedPerson' : 'removedRoom');
}
