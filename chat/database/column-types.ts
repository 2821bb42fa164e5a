/**
 * Names of column types that differ between the databases. SQLite's are those of STRICT tables.
 */
import { sql, type ColumnDataType, type Expression } from 'kysely';

/** The program that stores the data. */
export type DatabaseKind = 'sqlite' | 'postgres';

/** Column types of one database. */
export interface ColumnTypes {
  /** A safe integer. */
  readonly integer: ColumnDataType;
  readonly bytes: Expression<unknown>;
  /** A number that the database chooses; greater than all before. */
  readonly serial: Expression<unknown>;
  /** Text that is compared by bytes, so that both databases sort it in the same order. */
  readonly text: Expression<unknown>;
  /** End of each `CREATE TABLE`. */
  readonly tableOptions: Expression<unknown>;
}

export const columnTypes: Readonly<Record<DatabaseKind, ColumnTypes>> = {
  sqlite: {
    integer: 'integer',
    bytes: sql`BLOB`,
    serial: sql`INTEGER PRIMARY KEY AUTOINCREMENT`,
    text: sql`TEXT`,
    tableOptions: sql`STRICT`,
  },
  postgres: {
    integer: 'bigint',
    bytes: sql`bytea`,
    serial: sql`bigserial PRIMARY KEY`,
    text: sql`text COLLATE "C"`,
    tableOptions: sql``,
  },
};
