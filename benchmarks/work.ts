/** What the works of all benchmarks have in common. */

/** One work: what is asked of every server. */
export interface Work {
  readonly name: string;
  /** One line for the head of its table. */
  readonly title: string;
  /** `idle`: what a connection weighs is measured, in resident memory. Anything else: what a unit costs, in CPU time. */
  readonly kind: string;
  /** What is counted. */
  readonly unit: Unit;
}

/** The noun for what is counted. */
export interface Unit {
  readonly one: string;
  readonly many: string;
}
