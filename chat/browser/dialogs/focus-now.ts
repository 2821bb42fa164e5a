/** As the `ref` of a button: gives it the focus when it appears. The attribute `autofocus` only works when a dialog opens. */
export function focusNow(button: HTMLButtonElement | null): void {
  button?.focus();
}
