/** Asks the server why it refused a socket, since browsers hide the reason. */
import type { MeResponse } from '../../wire.ts';

/** The state of this browser on the server. */
export interface SignedIn {
  readonly isSignedIn: boolean;
  /** The person has the maximum number of open windows. */
  readonly hasTooManyWindows: boolean;
}

/** Rejects while the server is unreachable. */
export async function askSignedIn(): Promise<SignedIn> {
  const response = await fetch('/me', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`The response to /me has the status ${response.status}.`);
  const { person, tooManyWindows = false } = (await response.json()) as MeResponse;
  return { isSignedIn: person !== null, hasTooManyWindows: tooManyWindows };
}
