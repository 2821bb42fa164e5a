/** Splits work over frames, so that no task of the page is long. */

/** Longest wait for a frame, in milliseconds. A hidden page gets none, but its title must stay correct. */
const latestMs = 100;

/** Calls a function in the next frame. @returns A function that cancels it. */
export function inNextFrame(run: () => void): () => void {
  const cancel = (): void => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  const runOnce = (): void => {
    cancel();
    run();
  };
  const timer = setTimeout(runOnce, latestMs);
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(runOnce) : undefined;
  return cancel;
}

/** Calls a function after the next frame, so that what waits for the frame comes first. @returns A function that cancels it. */
export function afterNextFrame(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = inNextFrame(() => {
    timer = setTimeout(run);
  });
  return () => {
    cancel();
    clearTimeout(timer);
  };
}
