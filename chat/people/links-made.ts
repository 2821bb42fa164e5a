/** What a person has made by which somebody gets in: links to sign in as another person, and invites. They end with the rights of the person. */
import type { Step } from '../database/database.ts';

/** Removes the links to sign in that an administrator made, who could use them as other people. */
export async function removeLinksMadeBy(step: Step, personId: string): Promise<void> {
  await step.deleteFrom('signInLink').where('madeBy', '=', personId).execute();
}

/** Revokes the open invites of a person, who could come back by one under another name. @returns Their number. */
export async function revokeInvitesOf(step: Step, personId: string, at: number): Promise<number> {
  const { numUpdatedRows } = await step
    .updateTable('invite')
    .set({ revokedAt: at })
    .where('madeBy', '=', personId)
    .where('revokedAt', 'is', null)
    .where(({ or, eb }) => or([eb('expiresAt', 'is', null), eb('expiresAt', '>', at)]))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
