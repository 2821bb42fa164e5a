/** Detects a long press on a message on a touch screen. */
import { rowOf } from './row-of.ts';

/** How long it takes, in milliseconds. Browsers open their own menu after 500. */
const longMs = 450;
/** A finger that moves farther scrolls or selects, in pixels. */
const movePx = 10;

/** Listens until the returned function is called. */
export function watchLongPress(viewport: HTMLElement, onLongPress: (row: HTMLElement) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let isTouch = false;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const onDown = (event: PointerEvent): void => {
    end();
    isTouch = event.pointerType === 'touch' && event.isPrimary;
    const row = rowOf(event.target);
    // A long press on a link opens the menu of the browser.
    if (!isTouch || !row || (event.target as Element).closest('a, button, input')) return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      timer = undefined;
      onLongPress(row);
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
    onLongPress(row);
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
