/** The language of the page for all components: texts, times, and the current day. */
import { createContext, type Context } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { translator, type Language, type Translate } from '../../locale/index.ts';
import { lobbyId } from '../../wire.ts';
import type { RoomState } from '../state/room-state.ts';
import { untilMidnight } from '../time/day.ts';

/** Language and texts for components. */
export interface Words {
  readonly language: Language;
  readonly t: Translate;
  /** A time of the current day, in milliseconds since 1970. */
  readonly today: number;
}

/** Provided by `App`. */
export const WordsContext: Context<Words> = createContext<Words>({ language: 'en', t: translator('en'), today: 0 });

/** @returns The language and texts of the page. */
export function useWords(): Words {
  return useContext(WordsContext);
}

/** @returns A time of the current day. The component renders again after midnight. */
export function useToday(): number {
  const [today, setToday] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setToday(Date.now()), untilMidnight(today) + 1000);
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}

/** A number of unread messages as it is shown. Labels contain it too, so that a person can say what they see. */
export function shownCount(count: number): string {
  return count > 999 ? '999+' : String(count);
}

/** The visible name of a room. */
export function roomName(room: Pick<RoomState, 'id' | 'name'>, t: Translate): string {
  return room.id === lobbyId ? t('lobby') : room.name;
}
