/** Loads the highlighter when a code block is shown for the first time. */

type Highlighter = typeof import('./highlighter.ts');

let loaded: Highlighter | undefined;
let loading: Promise<Highlighter> | undefined;

/** The highlighter, if it is loaded. */
export function loadedHighlighter(): Highlighter | undefined {
  return loaded;
}

/** Loads the highlighter once. Without it code has no colours, so a failure is no error: the next code block tries again. */
export async function loadHighlighter(): Promise<Highlighter | undefined> {
  loading ??= import('./highlighter.ts');
  try {
    return (loaded = await loading);
  } catch {
    loading = undefined;
    return undefined;
  }
}
