/** Asks the server whether this browser is still signed in: a socket that was refused does not say why. */

/** Rejects while the server cannot be reached. */
export async function isSignedIn(): Promise<boolean> {
  const answer = await fetch('/me', { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`/me was answered ${answer.status}.`);
  const { person } = (await answer.json()) as { person: unknown };
  return person !== null;
}
