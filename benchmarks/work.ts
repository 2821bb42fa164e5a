/** Common properties of the works of all benchmarks. */

/** One work: a task that every server does. */
export interface Work {
  readonly name: string;
  /** One line above its table. */
  readonly title: string;
  /** `idle` measures resident memory per connection. Any other kind measures CPU time per unit. */
  readonly kind: string;
  /** The counted unit. */
  readonly unit: Unit;
}

/** The noun for the counted unit. */
export interface Unit {
  readonly one: string;
  readonly many: string;
}
