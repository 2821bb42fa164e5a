/** Failed sign-ins have the actor of a visitor; before, it was the person whose name was tried, or that of the command line. */
import { sql, type Kysely } from 'kysely';

export async function nameVisitors(database: Kysely<unknown>): Promise<void> {
  await sql`UPDATE audit SET actor_id = 'visitor' WHERE action = 'session.fail'`.execute(database);
}
