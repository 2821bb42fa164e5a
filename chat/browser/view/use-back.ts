/** "Back" of the system closes an open panel before it leaves the room. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { notePanel } from '../session/steps-from-list.ts';

/** Lets "back" close a menu, a dialog or a panel on devices with a touch screen, whose system has such a button or gesture. */
export function useBack(isOpen: boolean, close: () => void): void {
  const latestClose = useRef(close);
  latestClose.current = close;
  useLayoutEffect(() => {
    if (!isOpen || !matchMedia('(pointer: coarse)').matches) return undefined;
    return notePanel(() => latestClose.current());
  }, [isOpen]);
}
