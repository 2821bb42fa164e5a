/** Which rooms the list of a person has. */
import { sql, type RawBuilder } from 'kysely';

/**
 * Whether a room of a member is in their list, and counts in their limits. A direct conversation without a message is shown only to those who
 * opened it, its owners: otherwise one person could fill the list of another with empty conversations. Its first message shows it to all.
 */
export const isShownToMember: RawBuilder<boolean> = sql<boolean>`(room.kind <> 'direct' OR room.top_seq > 0 OR member.role = 'owner')`;
