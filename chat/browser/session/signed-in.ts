/** Asks the server why it refused a socket, since browsers hide the reason. */
import type { MeResponse } from '../../wire.ts';

/** The state of this browser on the server. */
export interface SignedIn {
  readonly isSignedIn: boolean;
  /** The person has the maximum number of open windows. */
  readonly hasTooManyWindows: boolean;
}

/** Time between a session that ended and the cookie of the next one, in milliseconds, also on a slow machine. */
const betweenSessionsMs = 1000;

/** The state of this browser. Rejects while the server is unreachable. */
export async function askSignedIn(): Promise<SignedIn> {
  const first = await ask();
  if (first.isSignedIn) return first;
  // Another window may be signing in: its response, which ends the session before, has not arrived yet.
  await new Promise((resolve) => setTimeout(resolve, betweenSessionsMs));
  return ask();
}

async function ask(): Promise<SignedIn> {
  const response = await fetch('/me', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`The response to /me has the status ${response.status}.`);
  const { person, tooManyWindows = false } = (await response.json()) as MeResponse;
  return { isSignedIn: person !== null, hasTooManyWindows: tooManyWindows };
}
