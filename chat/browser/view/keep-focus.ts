/**
 * Keeps the focus when the element that has it disappears, such as a button whose press removes it. A browser moves it to the body
 * then: Tab begins at the top of the page again, and a screen reader says nothing. The focus goes to the nearest place instead: the
 * next row of the same list, the message it was in, the field of the room, its heading, or its link in the list.
 */
import { addressOf } from '../session/address.ts';
import { giveFocus } from '../session/whereabouts.ts';

/** Watches the page until the returned function is called. */
export function keepFocus(): () => void {
  /** The element that has the focus, or had it when it disappeared. Undefined after a press elsewhere that focuses nothing. */
  let focused: HTMLElement | undefined;
  let isPressing = false;
  const onFocus = ({ target }: FocusEvent): void => {
    focused = target instanceof HTMLElement ? target : undefined;
  };
  const onBlur = ({ relatedTarget }: FocusEvent): void => {
    // A browser may dispatch this event for an element that is being removed, too.
    if (relatedTarget === null && isPressing) focused = undefined;
  };
  const onPress = ({ type }: MouseEvent): void => {
    isPressing = type === 'mousedown';
  };
  const observer = new MutationObserver((records) => {
    const { activeElement, body } = document;
    if (!focused || ![null, body, focused].includes(activeElement as HTMLElement | null)) return;
    const lost = focused;
    const removal = records.findLast(({ removedNodes }) => [...removedNodes].some((node) => node.contains(lost)));
    const isThere = isShown(lost);
    if (isThere && (activeElement === lost || !removal)) return;
    // A row that moves in its list loses the focus.
    const place = isThere ? lost : nearestPlace(lost, removal);
    if (place) giveFocus(place);
  });
  document.addEventListener('focusin', onFocus);
  document.addEventListener('focusout', onBlur);
  // Not pointer events: after a touch they come before the focus moves.
  document.addEventListener('mousedown', onPress, true);
  document.addEventListener('mouseup', onPress, true);
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['class', 'hidden'],
  });
  return () => {
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('focusout', onBlur);
    document.removeEventListener('mousedown', onPress, true);
    document.removeEventListener('mouseup', onPress, true);
    observer.disconnect();
  };
}

function isShown(element: Element): boolean {
  return element.isConnected && element.checkVisibility();
}

function nearestPlace(lost: HTMLElement, removal: MutationRecord | undefined): HTMLElement | undefined {
  const parent = removal?.target instanceof Element ? removal.target : undefined;
  const row = lost.closest('li') ?? parent?.closest('li');
  const rows = row && removal ? rowsNear(row, removal) : [];
  const dialog = parent?.closest('dialog[open]');
  // What is behind a dialog takes no focus.
  if (dialog)
    return [...rows, dialog].map((place) => place.querySelector<HTMLElement>('button')).find((place) => place !== null);
  const isTouch = matchMedia('(pointer: coarse)').matches;
  const places = [
    // It moved to another part of the list.
    linkOfRoom(row?.querySelector('.room-link')?.getAttribute('href')),
    ...rows.map((near) => (near.matches('.message--failed') ? near : near.querySelector('.room-link'))),
    // Such as a reaction that was taken back.
    parent?.closest('.message[tabindex]'),
    parent?.closest('.people')?.querySelector('button'),
    // On a phone the focus would open the keyboard.
    isTouch ? null : document.querySelector('#composer'),
    document.querySelector('main h1[tabindex]'),
    linkOfRoom(addressOf(lost.closest<HTMLElement>('[data-room]')?.dataset['room'] ?? '')),
    document.querySelector('.room-link'),
  ];
  return places.find((place): place is HTMLElement => place instanceof HTMLElement && isShown(place));
}

/** The rows after a row that was removed or changed, then those before it, each the nearest first. */
function rowsNear(row: Element, removal: MutationRecord): Element[] {
  const isRemoved = !row.isConnected;
  const near: Element[] = [];
  const next = isRemoved ? removal.nextSibling : row.nextElementSibling;
  for (let at = next; at; at = at.nextSibling) if (at instanceof Element) near.push(at);
  const previous = isRemoved ? removal.previousSibling : row.previousElementSibling;
  for (let at = previous; at; at = at.previousSibling) if (at instanceof Element) near.push(at);
  return near;
}

function linkOfRoom(address: string | null | undefined): HTMLElement | null {
  return address ? document.querySelector<HTMLElement>(`.room-link[href="${CSS.escape(address)}"]`) : null;
}
