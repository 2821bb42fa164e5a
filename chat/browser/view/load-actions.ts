/** Loads the actions on messages when the person first moves over one, touches one or focuses one. */

type Actions = typeof import('./actions/message-actions.tsx');

let loaded: Actions | undefined;
let loading: Promise<Actions> | undefined;

/** The actions, if they are loaded. */
export function loadedActions(): Actions | undefined {
  return loaded;
}

/** Loads the actions once. After a failure the next call tries again. */
export async function loadActions(): Promise<Actions | undefined> {
  loading ??= import('./actions/message-actions.tsx');
  try {
    return (loaded = await loading);
  } catch {
    loading = undefined;
    return undefined;
  }
}
