/**
 * A dialog beside a button, or at the bottom of a narrow window: for menus and the choice of an emoji. Esc, "back" and a press elsewhere
 * close it, and the focus returns. Arrow keys move between its buttons.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { narrowWindow } from '../../session/follow-address.ts';
import { isComposingKey } from '../../text/enter-key.ts';
import { useBack } from '../use-back.ts';

/** Distance from the edges of the window, in pixels. */
const edgePx = 8;

/** Props of {@link Popup}. */
export interface PopupProps {
  readonly label: string;
  readonly class: string;
  /** What it is beside. Without it, or in a narrow window, it is at the bottom. */
  readonly anchor: Element | undefined;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Open as long as it is mounted. */
export function Popup({ label, class: className, anchor, onClose, children }: PopupProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  /** Where the last press began. The long press that opened the popup ends in it, or outside, and must not choose anything. */
  const press = useRef<'outside' | 'inside'>(undefined);
  const isSheet = anchor === undefined || matchMedia(narrowWindow).matches;
  useBack(true, onClose);
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    if (!isSheet) place(element, anchor);
    return () => element.close();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event)) return;
    const step = steps[event.key];
    const { target } = event;
    // In a field, arrows to the side and Home and End move the caret.
    if (step === undefined || (target instanceof HTMLInputElement && !['ArrowUp', 'ArrowDown'].includes(event.key)))
      return;
    event.preventDefault();
    const buttons = [...dialog.current!.querySelectorAll<HTMLElement>('button, input')];
    const at = buttons.indexOf(target as HTMLElement);
    const next = step === 'first' ? 0 : step === 'last' ? buttons.length - 1 : at + step * columns(event.key, target);
    buttons[(next + buttons.length) % buttons.length]?.focus();
  };
  return (
    <dialog
      ref={dialog}
      class={`popup ${isSheet ? 'popup--sheet' : ''} ${className}`}
      aria-label={label}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onPointerDown={({ target }) => (press.current = target === dialog.current ? 'outside' : 'inside')}
      onClickCapture={(event) => {
        const isByKey = event.detail === 0;
        if (press.current === undefined && !isByKey) {
          event.stopPropagation();
          event.preventDefault();
        } else if (press.current === 'outside' && event.target === dialog.current) onClose();
      }}
    >
      {/* Covers the dialog, so that only a press outside has the dialog itself as its target. */}
      <div class="popup-inner">{children}</div>
    </dialog>
  );
}

const steps: Readonly<Record<string, number | 'first' | 'last'>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: 'first',
  End: 'last',
};

/** In a grid an arrow up or down moves by a row. */
function columns(key: string, target: EventTarget | null): number {
  const grid = target instanceof Element ? target.closest('.emoji-grid') : null;
  if (!grid || !['ArrowUp', 'ArrowDown'].includes(key)) return 1;
  return getComputedStyle(grid).gridTemplateColumns.split(' ').length;
}

/** Below the anchor or, if there is no space, above it; its end at the end of the anchor. */
function place(dialog: HTMLElement, anchor: Element): void {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const { width, height } = dialog.getBoundingClientRect();
  const isRightToLeft = getComputedStyle(dialog).direction === 'rtl';
  const below = bottom + 4;
  const isBelow = below + height + edgePx <= innerHeight || top < innerHeight / 2;
  const wanted = isRightToLeft ? left : right - width;
  dialog.style.left = `${Math.max(edgePx, Math.min(wanted, innerWidth - width - edgePx))}px`;
  dialog.style.top = `${Math.max(edgePx, Math.min(isBelow ? below : top - 4 - height, innerHeight - height - edgePx))}px`;
}
