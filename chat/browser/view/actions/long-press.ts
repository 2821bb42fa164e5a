/** Detects a long press on a message on a touch screen. */
import { rowOf } from './row-of.ts';

/** How long it takes, in milliseconds. Browsers open their own menu after 500. */
const longMs = 450;
/** A finger that moves farther scrolls or selects, in pixels. */
const movePx = 10;

/**
 * Listens until the returned function is called.
 *
 * @param onLongPress - Called with the row, and the reaction in it that was pressed.
 */
export function watchLongPress(
  viewport: HTMLElement,
  onLongPress: (row: HTMLElement, reaction: HTMLElement | undefined) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let isTouch = false;
  let press: (() => void) | undefined;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const onDown = (event: PointerEvent): void => {
    end();
    isTouch = event.pointerType === 'touch' && event.isPrimary;
    const row = rowOf(event.target);
    const target = event.target as Element;
    const reaction = target.closest<HTMLElement>('.reaction') ?? undefined;
    // A long press on a link opens the menu of the browser.
    if (!isTouch || !row || (!reaction && target.closest('a, button, input'))) return;
    press = () => onLongPress(row, reaction);
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      timer = undefined;
      press?.();
    }, longMs);
  };
  const onMove = ({ clientX, clientY }: PointerEvent): void => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > movePx) end();
  };
  const onContextMenu = (event: Event): void => {
    const row = rowOf(event.target);
    if (!isTouch || !row || (event.target as Element).closest('a')) return;
    event.preventDefault();
    if (timer === undefined) return;
    end();
    press?.();
  };
  const listeners = {
    pointerdown: onDown,
    pointermove: onMove,
    pointerup: end,
    pointercancel: end,
    scroll: end,
    contextmenu: onContextMenu,
  };
  for (const [type, listener] of Object.entries(listeners)) viewport.addEventListener(type, listener as EventListener);
  return () => {
    end();
    for (const [type, listener] of Object.entries(listeners)) {
      viewport.removeEventListener(type, listener as EventListener);
    }
  };
}
