/** The place of the actions on messages in a room. They are loaded when the page is idle, or when the person first needs them. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { actionsPart } from './load-actions.ts';

/** Props of {@link ActionsPlace}. */
export interface ActionsPlaceProps {
  readonly chat: Chat;
  readonly roomId: string;
  /** The element that scrolls the messages. */
  readonly viewport: RefObject<HTMLElement | null>;
}

/** Renders nothing until the actions are loaded. */
export function ActionsPlace(props: ActionsPlaceProps): JSX.Element | null {
  const [actions, setActions] = useState(() => actionsPart.loaded);
  /** The last event before they listen, which they handle too. */
  const first = useRef<Event | undefined>(undefined);
  useEffect(() => {
    const element = props.viewport.current;
    if (actions || !element) return undefined;
    const load = (event: Event): void => {
      first.current = event;
      void actionsPart.load();
    };
    for (const type of events) element.addEventListener(type, load, { passive: true });
    const stop = actionsPart.onLoaded(() => setActions(actionsPart.loaded));
    return () => {
      for (const type of events) element.removeEventListener(type, load);
      stop();
    };
  }, [actions]);
  return actions ? <actions.MessageActions {...props} first={first} /> : null;
}

const events = ['pointerover', 'pointerdown', 'focusin', 'keydown'] as const;
