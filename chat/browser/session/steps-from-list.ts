/**
 * The history of a phone, which shows either the list of rooms or a room. "Back to the rooms" goes back to the entry of the list, as
 * the button of the system does. Otherwise each visit of a room would add two entries to the history. An open panel has its own
 * entry, so that the button of the system closes the panel first.
 */

/** What an entry of the history contains; it survives a reload. */
interface EntryState {
  /** Number of entries from the list to this one; null if the list is not before it. */
  readonly stepsFromList: number | null;
  /** Whether it is that of a panel. The entry before it has the same address. */
  readonly isPanel?: boolean;
}

/** The current entry. */
let current: EntryState = { stepsFromList: null };
/** The address of the current entry. */
let address = '';
/** Closes the open panel; undefined if none is open. The entry of a closed panel is skipped on the way back. */
let closePanel: (() => void) | undefined;
/** What to do at the entry before that of a panel. */
let pending: (() => void) | undefined;

/** Call it when the address has changed. @param isList - Whether it is that of the list. */
export function noteStep(isList: boolean): void {
  const known = history.state as EntryState | null;
  address = location.hash;
  if (known) current = known;
  else {
    current = { stepsFromList: isList ? 0 : nextStep() };
    history.replaceState(current, '');
  }
}

/** Skips the entries of closed panels, and closes an open one. Runs until the page is unloaded. */
export function watchBack(): void {
  window.addEventListener('popstate', () => {
    const entry = history.state as EntryState | null;
    // A new entry, which `noteStep` gets to know.
    if (!entry) return;
    const isBackFromPanel = current.isPanel === true && !entry.isPanel && location.hash === address;
    if (location.hash === address) current = entry;
    if (!isBackFromPanel) return;
    const run = pending ?? closePanel ?? (() => history.back());
    pending = undefined;
    run();
  });
}

/**
 * Adds an entry to the history for a panel that was opened, so that "back" closes it.
 *
 * @param close - Closes the panel.
 * @returns Call it when the panel was closed in any way.
 */
export function notePanel(close: () => void): () => void {
  closePanel = close;
  if (!current.isPanel) {
    current = { stepsFromList: nextStep(), isPanel: true };
    history.pushState(current, '');
  }
  return () => {
    if (closePanel === close) closePanel = undefined;
  };
}

/** Goes back to the list; replaces the current entry by the list if there is none to go back to. */
export function backToList(): void {
  const { stepsFromList } = current;
  if (stepsFromList) history.go(-stepsFromList);
  else atPage(() => location.replace('#'));
}

/** Replaces the current entry by a room that the page chose. */
export function chooseAddress(hash: string): void {
  current = { stepsFromList: null };
  history.replaceState(current, '', hash);
  address = location.hash;
}

/** Replaces the address, so that "back" does not return to it. */
export function replaceAddress(hash: string): void {
  atPage(() => {
    history.replaceState(history.state, '', hash);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  });
}

/** Runs an action at the entry of the page; from the entry of a panel it goes back to that first. */
function atPage(action: () => void): void {
  if (!current.isPanel) {
    action();
    return;
  }
  pending = action;
  history.back();
}

function nextStep(): number | null {
  return current.stepsFromList === null ? null : current.stepsFromList + 1;
}
