/**
 * A statement that kysely builds and compiles once, for those that each window, page or command executes: to build one takes longer than
 * to execute it.
 */
import type { CompiledQuery } from 'kysely';
import type { ChatDatabase, Step } from './database.ts';

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
interface Compiled {
  readonly query: CompiledQuery;
  /** Without plugins: those of the query have run, and the rows are named here. */
  readonly tables: Step;
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
  readonly #compiled = new WeakMap<Step, Compiled>();
  /** Names of columns as the rows have them, by their names in the database. */
  readonly #names = new Map<string, string>();

  /** @param build - Called once for each database, with placeholders. It must use each value as a value, not compute with it. */
  constructor(build: (tables: Step, values: Values) => { compile(): CompiledQuery<Row> }) {
    this.#build = build;
  }

  async execute({ tables }: Pick<ChatDatabase, 'tables'>, values: Values): Promise<Row[]> {
    let compiled = this.#compiled.get(tables);
    if (!compiled) this.#compiled.set(tables, (compiled = this.#compile(tables)));
    const { query } = compiled;
    const parameters = query.parameters.map((value) => (value instanceof Placeholder ? values[value.name] : value));
    const { rows } = await compiled.tables.executeQuery<Record<string, unknown>>({ ...query, parameters });
    return rows.map((row) => this.#named(row));
  }

  #compile(tables: Step): Compiled {
    // Any name: the values that `build` reads are those of the statement.
    const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as Values;
    return { query: this.#build(tables, placeholders).compile(), tables: tables.withoutPlugins() };
  }

  #named(row: Readonly<Record<string, unknown>>): Row {
    const named: Record<string, unknown> = {};
    for (const column in row) {
      let name = this.#names.get(column);
      if (name === undefined) this.#names.set(column, (name = toCamelCase(column)));
      named[name] = row[column];
    }
    return named as Row;
  }
}

function toCamelCase(column: string): string {
  return column.replaceAll(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
