/** Asks the server why a socket was refused, which a browser does not say. */
import type { MeResponse } from '../../wire.ts';

/** What the server says about this browser. */
export interface SignedIn {
  readonly isSignedIn: boolean;
  /** This person has as many windows open as a person may have. */
  readonly hasTooManyWindows: boolean;
}

/** Rejects while the server cannot be reached. */
export async function askSignedIn(): Promise<SignedIn> {
  const answer = await fetch('/me', { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`/me was answered ${answer.status}.`);
  const { person, tooManyWindows = false } = (await answer.json()) as MeResponse;
  return { isSignedIn: person !== null, hasTooManyWindows: tooManyWindows };
}
