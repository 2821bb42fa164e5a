/**
 * A statement that kysely builds and compiles once, for those that each window, page or command executes: to build one takes longer than
 * to execute it.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { CompiledQuery } from 'kysely';
import type { ChatDatabase, Step } from './database.ts';
import { directOf } from './direct-statements.ts';
import type { SqliteResult } from './sqlite-messages.ts';

/** Values of a statement by name. */
type Parameters = Readonly<Record<string, string | number>>;

/** Takes the place of a value while the statement is compiled. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Compiled for one database. */
interface Compiled<Row> {
  readonly parameters: CompiledQuery['parameters'];
  readonly execute: (parameters: readonly SQLInputValue[]) => Promise<Row[]>;
}

/**
 * A statement with parameters.
 *
 * @example
 * ```ts
 * const roomOf = new CompiledStatement((tables, { id }: { readonly id: string }) =>
 *   tables.selectFrom('room').select('name').where('id', '=', id),
 * );
 * const [room] = await roomOf.execute(database, { id: 'lobby' });
 * ```
 */
export class CompiledStatement<Values extends Parameters, Row> {
  readonly #build: (tables: Step, values: Values) => { compile(): CompiledQuery<Row> };
  readonly #compiled = new WeakMap<Step, Compiled<Row>>();
  /** Names of columns as the rows have them, by their names in the database. */
  readonly #names = new Map<string, string>();

  /** @param build - Called once for each database, with placeholders. It must use each value as a value, not compute with it. */
  constructor(build: (tables: Step, values: Values) => { compile(): CompiledQuery<Row> }) {
    this.#build = build;
  }

  execute({ tables }: Pick<ChatDatabase, 'tables'>, values: Values): Promise<Row[]> {
    let compiled = this.#compiled.get(tables);
    if (!compiled) this.#compiled.set(tables, (compiled = this.#compile(tables)));
    const parameters = compiled.parameters.map((value) => (value instanceof Placeholder ? values[value.name] : value));
    return compiled.execute(parameters as SQLInputValue[]);
  }

  #compile(tables: Step): Compiled<Row> {
    // Any name: the values that `build` reads are those of the statement.
    const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as Values;
    const query = this.#build(tables, placeholders).compile();
    const { sql, parameters } = query;
    const direct = directOf(tables);
    if (direct) return { parameters, execute: async (given) => this.#rowsOf(await direct(sql, given)) };
    // Its plugins have run, and the rows are named here.
    const plain = tables.withoutPlugins();
    const execute = async (given: readonly SQLInputValue[]): Promise<Row[]> => {
      const { rows } = await plain.executeQuery<Record<string, unknown>>({ ...query, parameters: given });
      return rows.map((row) => this.#named(row));
    };
    return { parameters, execute };
  }

  #rowsOf({ columns, values }: SqliteResult): Row[] {
    const names = columns.map((column) => this.#nameOf(column));
    const rows: Row[] = [];
    for (let at = 0; at < values.length; at += names.length) {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < names.length; index += 1) row[names[index]!] = values[at + index];
      rows.push(row as Row);
    }
    return rows;
  }

  #named(row: Readonly<Record<string, unknown>>): Row {
    const named: Record<string, unknown> = {};
    for (const column in row) named[this.#nameOf(column)] = row[column];
    return named as Row;
  }

  #nameOf(column: string): string {
    let name = this.#names.get(column);
    if (name === undefined) this.#names.set(column, (name = toCamelCase(column)));
    return name;
  }
}

function toCamelCase(column: string): string {
  return column.replaceAll(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
