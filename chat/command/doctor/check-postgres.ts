/**
 * A PostgreSQL: whether the chat can use it. Nothing is written.
 */
import { Client } from 'pg';
import { readDatabaseUrl, shownDatabase } from '../../database/database-address.ts';
import { compareClocks } from './check-clock.ts';
import { checkMigrations } from './check-migrations.ts';
import { Findings, type Finding } from './finding.ts';

/** How long it may take to connect and to respond, in milliseconds. */
const waitMs = 5000;
/** The oldest major version that the chat is tested with. */
const minVersion = 15;

/** The findings, and the id of the database if it has one. */
export interface CheckedPostgres {
  readonly findings: readonly Finding[];
  readonly id: string | undefined;
}

export async function checkPostgres(url: string): Promise<CheckedPostgres> {
  const findings = new Findings('database');
  const shown = shownDatabase(readDatabaseUrl(url));
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: waitMs,
    query_timeout: waitMs,
    application_name: 'gale-chat-doctor',
  });
  // The end of the connection fails the query that runs.
  client.on('error', () => undefined);
  let id: string | undefined;
  try {
    await client.connect();
    const read = async (sql: string): Promise<string | undefined> => {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      const [value] = Object.values(rows[0] ?? {});
      return value === undefined || value === null ? undefined : String(value);
    };
    findings.ok(`${shown} responds`);
    const version = Math.floor(Number(await read('SHOW server_version_num')) / 10_000);
    if (version < minVersion)
      findings.note(`it is version ${version}; the chat is tested with ${minVersion} and newer`);
    const encoding = await read('SHOW server_encoding');
    if (encoding !== 'UTF8') findings.wrong(`its encoding is ${encoding}; create a database with ENCODING 'UTF8'`);
    const isReadOnly =
      (await read("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")) === 'true';
    if (isReadOnly)
      findings.wrong('it accepts no writes (a standby, or read-only); give --database that of the primary');
    const canCreate =
      (await read("SELECT current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE')")) ===
      'true';
    if (!canCreate)
      findings.wrong('this user may not create tables; GRANT CREATE ON SCHEMA public to it, or make it the owner');
    const hasTables = (await read("SELECT to_regclass('kysely_migration')")) !== undefined;
    const executed = hasTables
      ? (await client.query<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name')).rows
      : undefined;
    checkMigrations(
      findings,
      executed?.map(({ name }) => name),
    );
    if (hasTables) id = await read("SELECT value FROM setting WHERE name = 'database-id'");
    await compareClocks(findings, 'PostgreSQL', async () =>
      Number(await read('SELECT extract(epoch FROM clock_timestamp()) * 1000')),
    );
  } catch (error) {
    const { message, code } = error as { readonly message: string; readonly code?: string };
    findings.wrong(`${shown} cannot be used: ${message === '' ? code : message}; check --database, and that it runs`);
  } finally {
    await client.end().catch(() => undefined);
  }
  return { findings: findings.all, id };
}
