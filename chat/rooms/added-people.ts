/** The entry of the audit log for people who were added to a private room: who can read it is of interest later. */
import { writeAudit } from '../audit/audit-entry.ts';
import type { Step } from '../database/database.ts';
import type { RoomKind } from '../database/tables.ts';

/** A room to which somebody adds people. */
export interface AddingTo {
  readonly room: { readonly id: string; readonly name: string; readonly kind: RoomKind };
  /** Id of the person who adds them. */
  readonly by: string;
  readonly at: number;
}

/** Writes the entry, in the transaction that adds them. People may join public rooms anyway: those have none. */
export async function writeAddedPeople(
  step: Step,
  added: readonly string[],
  { room, by, at }: AddingTo,
): Promise<void> {
  if (room.kind !== 'private') return;
  const details = { name: room.name, person: added[0] ?? '', count: added.length };
  await writeAudit(step, { actorId: by, action: 'room.add-people', target: room.id, details }, at);
}
