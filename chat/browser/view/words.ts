/** The reader's language for all components: texts, times, and which day it is. */
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
  /** An instant of today, in milliseconds since 1970. */
  readonly today: number;
}

/** Given by the app. */
export const WordsContext: Context<Words> = createContext<Words>({ language: 'en', t: translator('en'), today: 0 });

/** The texts for a component. */
export function useWords(): Words {
  return useContext(WordsContext);
}

/** An instant of today; another one after each midnight. */
export function useToday(): number {
  const [today, setToday] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setToday(Date.now()), untilMidnight(today) + 1000);
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}

/** The visible name of a room. */
export function roomName(room: Pick<RoomState, 'id' | 'name'>, t: Translate): string {
  return room.id === lobbyId ? t('lobby') : room.name;
}
