/**
 * The list of rooms in the history of a phone, which shows either the list or a room. "Back to the rooms" goes back to the entry
 * of the list, as the button of the browser does. Otherwise each visit of a room would add two entries to the history.
 */

/** What an entry of the history contains; it survives a reload. */
interface EntryState {
  /** Number of entries from the list to this one; null if the list is not before it. */
  readonly stepsFromList: number | null;
}

/** The number of the current entry. */
let steps: number | null = null;

/** Call it when the address has changed. @param isList - Whether it is that of the list. */
export function noteStep(isList: boolean): void {
  const known = history.state as EntryState | null;
  if (known) steps = known.stepsFromList;
  else {
    steps = isList ? 0 : steps === null ? null : steps + 1;
    history.replaceState({ stepsFromList: steps } satisfies EntryState, '');
  }
}

/** Goes back to the list; replaces the current entry by the list if there is none to go back to. */
export function backToList(): void {
  if (steps) history.go(-steps);
  else location.replace('#');
}
