/**
 * Where the person is: in which room, and with the focus on which element. A late reply must not move them from where they have
 * gone meanwhile, since they may be typing there.
 */

/**
 * Watches whether the person stays where they are: in the same room, and with the focus in the same dialog or menu, or on the same
 * element.
 *
 * @returns Stops watching, and returns whether the person has stayed.
 */
export function startStay(): () => boolean {
  const { activeElement } = document;
  const place = activeElement?.closest('dialog, .disclosure') ?? activeElement;
  let hasStayed = true;
  const onFocus = ({ target }: Event): void => {
    if (isGiving) return;
    if (place === document.body || !place?.contains(target as Node)) hasStayed = false;
  };
  const onRoom = (): void => {
    hasStayed = false;
  };
  document.addEventListener('focusin', onFocus);
  window.addEventListener('hashchange', onRoom);
  return () => {
    document.removeEventListener('focusin', onFocus);
    window.removeEventListener('hashchange', onRoom);
    // A dialog can be closed without a change of the focus.
    return hasStayed && !(place instanceof HTMLDialogElement && !place.open);
  };
}

/** Where the focus was when the person opened the room. */
let focusAtOpening: Element | null = null;
/** Where the page moved the focus last, until the person moves it. */
let focusGiven: Element | null = null;
let isGiving = false;

/** Moves the focus for the person, because the element that had it has disappeared. They have not gone anywhere. */
export function giveFocus(element: HTMLElement): void {
  isGiving = true;
  element.focus();
  isGiving = false;
  focusGiven = element;
  element.addEventListener('blur', () => (focusGiven = null), { once: true });
}

/** Call it when the person opens a room. */
export function noteOpening(): void {
  focusAtOpening = document.activeElement;
}

/** Whether a room that appears may take the focus: the person has not moved it since they opened the room. */
export function isFocusFree(): boolean {
  const { activeElement, body } = document;
  return activeElement === null || [body, focusAtOpening, focusGiven].includes(activeElement);
}
