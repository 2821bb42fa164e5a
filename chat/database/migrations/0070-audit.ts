/** Indexes to find old entries of the audit log, and people who left a moment ago. */
import type { Kysely } from 'kysely';

export async function addOrderIndexes({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createIndex('audit_by_time').on('audit').column('at').execute();
  for (const column of ['deactivated_at', 'deleted_at'] as const) {
    await schema.createIndex(`person_${column}`).on('person').column(column).where(column, 'is not', null).execute();
  }
}
