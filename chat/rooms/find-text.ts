/** The search text of the directory, of members and of people, as a pattern of LIKE. */
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { nameKey } from '../name.ts';
import { maxQueryUnits } from './room-bounds.ts';

/** @returns The text in the form of name keys; empty for a text without visible characters. */
export function toQuery(typed: string): string {
  return nameKey(typed.slice(0, maxQueryUnits).toWellFormed());
}

/** A pattern that finds a text anywhere. */
export function anywhere(query: string): string {
  return `%${escaped(query)}%`;
}

/** A pattern that finds a text at the beginning. */
export function atBeginning(query: string): string {
  return `${escaped(query)}%`;
}

function escaped(query: string): string {
  return query.replaceAll(/[\\%_]/g, '\\$&');
}

/** Whether a column matches a pattern of this file. */
export function isLike(column: string, pattern: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} LIKE ${pattern} ESCAPE '\\'`;
}
