/** The rows of messages in the timeline, as elements. */

/** The row of a stored message around an element. */
export function rowOf(target: EventTarget | null): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>('.message[data-seq]')) || undefined;
}

/** The number of the message of a row. */
export function seqOf(row: HTMLElement): number {
  return Number(row.dataset['seq']);
}

/** Moves the focus by rows, or to the first or last one. From outside of the rows it begins at the lowest visible one. */
export function moveFocus(viewport: HTMLElement, from: HTMLElement | undefined, step: 1 | -1 | 'first' | 'last'): void {
  const rows = [...viewport.querySelectorAll<HTMLElement>('.message[data-seq]')];
  let next: HTMLElement | undefined;
  if (step === 'first' || step === 'last') next = step === 'first' ? rows[0] : rows.at(-1);
  else if (from) next = rows[rows.indexOf(from) + step];
  else {
    const { bottom } = viewport.getBoundingClientRect();
    next = rows.findLast((row) => row.getBoundingClientRect().bottom <= bottom + 1) ?? rows.at(-1);
  }
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}
