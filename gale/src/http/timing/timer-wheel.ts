/**
 * One timer for all deadlines of a server: a wheel of slots, each a list of what is due in that tick.
 * Setting, moving and clearing cost a few assignments, and no look at the clock, which would cost ten times as much: what is set
 * counts from the end of the tick. So deadlines are coarse: they pass up to three ticks late, later if the process was blocked,
 * never early.
 */

/** Something that has at most one deadline at a time in one wheel. */
export interface Deadline {
  /** Called once, when the time that was set has passed. The deadline is no longer set then. */
  onDeadline(): void;
  /** The wheel's own note about this deadline; leave it alone. */
  wheelNote?: WheelNote | undefined;
}

/** Where a deadline stands in its wheel. */
export interface WheelNote {
  readonly owner: Deadline;
  /** Tick in which it is due; 0 while it is not set. */
  due: number;
  /** Which look at the clock was the last before it was set. */
  look: number;
  /** Index of the slot whose list it is in; -1 while in none. */
  slot: number;
  before: WheelNote | undefined;
  after: WheelNote | undefined;
}

/** Settings of a {@link TimerWheel}. */
export interface TimerWheelOptions {
  /** Length of a tick in milliseconds. @defaultValue 500 */
  readonly tickMs?: number;
  /** Clock in milliseconds; only its differences count. @defaultValue performance.now */
  readonly now?: () => number;
}

const slotCount = 256;

/** The wheel. Its timer stops at the first tick with nothing set, and keeps no process alive. */
export class TimerWheel {
  readonly #tickMs: number;
  readonly #now: () => number;
  readonly #slots: (WheelNote | undefined)[] = Array.from<WheelNote | undefined>({ length: slotCount });
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  /** Ticks since `startedAt` as last seen; the first is 1. */
  #tick = 1;
  /**
   * The first tick that begins no earlier than the next look at the clock, if that comes in time: what is set until then counts from
   * here.
   */
  #from = 2;
  #lookCount = 0;
  /** The last tick whose slot was emptied. */
  #passed = 1;
  #stopped = false;

  constructor(options: TimerWheelOptions = {}) {
    this.#tickMs = options.tickMs ?? 500;
    this.#now = options.now ?? (() => performance.now());
  }

  /** How many deadlines are set. */
  get size(): number {
    return this.#count;
  }

  /** The wheel's clock, in milliseconds; only differences count. */
  now(): number {
    return this.#now();
  }

  /**
   * Lets `entry` know when `afterMs` have passed. One that is already set is moved.
   * After {@link TimerWheel.stop} it does nothing.
   */
  set(entry: Deadline, afterMs: number): void {
    if (this.#stopped) return;
    if (this.#timer === undefined) this.#start();
    const due = this.#from + Math.ceil(afterMs / this.#tickMs);
    const note = (entry.wheelNote ??= { owner: entry, due: 0, look: 0, slot: -1, before: undefined, after: undefined });
    note.look = this.#lookCount;
    if (note.slot >= 0) {
      // Moved to later it stays where it is, and is put further on when its old slot comes round: the usual case, at no cost.
      if (due < note.due) this.#take(note);
      note.due = due;
      if (note.slot >= 0) return;
    }
    note.due = due;
    this.#put(note);
  }

  /** Forgets the deadline of `entry`, if it has one. */
  clear(entry: Deadline): void {
    const note = entry.wheelNote;
    if (note === undefined || note.slot < 0) return;
    this.#take(note);
    note.due = 0;
  }

  /**
   * Passes what is due by the clock now. The wheel's timer does this by itself; a test calls it that moves its own clock, and that
   * has set nothing since it moved it.
   */
  advance(): void {
    this.#look();
    this.#pass();
  }

  /** Forgets all deadlines and takes no new ones. */
  stop(): void {
    this.#stopped = true;
    this.#halt();
    for (let slot = 0; slot < slotCount; slot++) {
      for (let note = this.#slots[slot]; note !== undefined; note = this.#slots[slot]) this.#take(note);
    }
  }

  #start(): void {
    this.#startedAt = this.#now() - this.#tick * this.#tickMs;
    this.#passed = this.#tick;
    this.#from = this.#tick + 1;
    this.#timer = setInterval(onTick, this.#tickMs, this).unref();
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Reads the clock. Returns the first tick that has not begun before now. */
  #look(): number {
    if (this.#timer === undefined) return this.#from;
    const ticks = (this.#now() - this.#startedAt) / this.#tickMs;
    const soonest = Math.ceil(ticks);
    this.#lookCount++;
    this.#tick = Math.max(this.#tick, Math.floor(ticks));
    this.#from = Math.max(this.#from, soonest + 1);
    return soonest;
  }

  /** Reads the clock when a turn may have been long: what was set since the last time may have been set just now. */
  #lookBehind(): void {
    const look = this.#lookCount;
    const from = this.#from;
    const lateTicks = this.#look() - from;
    if (lateTicks <= 0) return;
    for (const first of this.#slots) {
      // In its old slot it is put further on when that comes round.
      for (let note = first; note !== undefined; note = note.after) if (note.look === look) note.due += lateTicks;
    }
  }

  /**
   * Notes the time, then passes what is due once the sockets had their turn: after the process was blocked, peers that
   * did send in time must be heard before they are judged.
   *
   * @internal
   */
  tick(): void {
    this.#lookBehind();
    if (this.#tick > this.#passed + 2) setImmediate(onLate, this);
    else this.#pass();
  }

  /** The sockets had their turn, which may have been a long one too. @internal */
  tickLate(): void {
    this.#lookBehind();
    this.#pass();
  }

  #pass(): void {
    while (this.#passed < this.#tick) {
      this.#passed++;
      this.#empty(this.#passed % slotCount);
    }
    if (this.#count === 0) this.#halt();
  }

  #empty(slot: number): void {
    // No note goes back into the slot of the tick that is passing, so this ends.
    for (let note = this.#slots[slot]; note !== undefined; note = this.#slots[slot]) {
      this.#take(note);
      if (note.due > this.#passed) {
        this.#put(note);
      } else {
        note.due = 0;
        note.owner.onDeadline();
      }
    }
  }

  #slotFor(due: number): number {
    return Math.min(due, this.#passed + slotCount - 1) % slotCount;
  }

  #put(note: WheelNote): void {
    const slot = this.#slotFor(note.due);
    const first = this.#slots[slot];
    note.slot = slot;
    note.before = undefined;
    note.after = first;
    if (first !== undefined) first.before = note;
    this.#slots[slot] = note;
    this.#count++;
  }

  #take(note: WheelNote): void {
    if (note.before === undefined) this.#slots[note.slot] = note.after;
    else note.before.after = note.after;
    if (note.after !== undefined) note.after.before = note.before;
    note.before = undefined;
    note.after = undefined;
    note.slot = -1;
    this.#count--;
  }
}

function onTick(wheel: TimerWheel): void {
  wheel.tick();
}

function onLate(wheel: TimerWheel): void {
  wheel.tickLate();
}
