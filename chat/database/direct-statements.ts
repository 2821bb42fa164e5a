/**
 * Statements that are executed without kysely, which has compiled them before: its steps for each execution cost more than a short statement
 * of SQLite.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Step } from './database.ts';
import type { SqliteResult } from './sqlite-messages.ts';

/** Executes a statement outside of transactions. */
export type ExecuteDirectly = (sql: string, parameters: readonly SQLInputValue[]) => Promise<SqliteResult>;

/** A transaction is never in it: its statements belong to its own connection. */
const known = new WeakMap<Step, ExecuteDirectly>();

/** Lets the statements of a database be executed directly. */
export function allowDirect(tables: Step, execute: ExecuteDirectly): void {
  known.set(tables, execute);
}

/** @returns Undefined for a transaction, and for a database whose statements only kysely executes. */
export function directOf(tables: Step): ExecuteDirectly | undefined {
  return known.get(tables);
}
