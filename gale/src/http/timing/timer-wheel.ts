/**
 * One timer for all deadlines of a server: a wheel of slots, each with a list of the deadlines that are due in its tick.
 * Setting, moving and clearing a deadline cost a few assignments. None of them reads the clock, which would cost ten times as much: a new
 * deadline counts from the end of the tick. Deadlines are therefore coarse: they expire up to three ticks late, later if the process was
 * blocked, and never early.
 */
import { assertFunctions, assertNames, maxTimerMs, readIntegers, wrongValue } from '../../run/given-options.ts';

/** Something that has at most one deadline at a time in one wheel. */
export interface Deadline {
  /** Called once, when the deadline expires. It is no longer set then. */
  onDeadline(): void;
  /** Belongs to the wheel; do not change it. @internal */
  wheelNote?: WheelNote | undefined;
}

/** Position of a deadline in its wheel. */
export interface WheelNote {
  readonly owner: Deadline;
  /** Tick in which it expires; 0 while it is not set. */
  due: number;
  /** Number of the last clock reading before it was set. */
  reading: number;
  /** Index of its slot; -1 while it is in none. */
  slot: number;
  before: WheelNote | undefined;
  after: WheelNote | undefined;
}

/** Options of a {@link TimerWheel}. */
export interface TimerWheelOptions {
  /** Length of a tick in milliseconds. @defaultValue 500 */
  readonly tickMs?: number;
  /** Clock in milliseconds; only its differences count. @defaultValue performance.now */
  readonly now?: () => number;
}

/** Default, minimum and maximum of each number. */
const ranges = { tickMs: [500, 1, maxTimerMs] } as const;
const slotCount = 256;

/** The wheel. Its timer stops at the first tick without deadlines, and does not keep the process alive. */
export class TimerWheel {
  readonly #tickMs: number;
  readonly #now: () => number;
  readonly #slots: (WheelNote | undefined)[] = Array.from<WheelNote | undefined>({ length: slotCount });
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  /** Ticks since `startedAt` at the last clock reading; the first is 1. */
  #tick = 1;
  /**
   * The first tick that begins no earlier than the next clock reading, if that is on time. New deadlines count from this tick.
   */
  #from = 2;
  #readingCount = 0;
  /** The last tick whose deadlines have expired. */
  #passed = 1;
  #stopped = false;

  /** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
  constructor(options: TimerWheelOptions = {}) {
    const { tickMs, now } = resolveTimerWheelOptions(options);
    this.#tickMs = tickMs;
    this.#now = now;
  }

  /** Number of deadlines that are set. */
  get size(): number {
    return this.#count;
  }

  /** The wheel's clock, in milliseconds; only differences count. */
  now(): number {
    return this.#now();
  }

  /**
   * Calls `onDeadline` of `entry` once `afterMs` have passed. A deadline that is already set is moved.
   * After {@link TimerWheel.stop} this does nothing.
   *
   * @throws {@link GaleError} `OPTION_VALUE` if `afterMs` is not a finite number.
   */
  set(entry: Deadline, afterMs: number): void {
    if (this.#stopped) return;
    if (!Number.isFinite(afterMs)) throw wrongValue('afterMs', 'a finite number', afterMs);
    if (this.#timer === undefined) this.#start();
    const due = this.#from + Math.ceil(afterMs / this.#tickMs);
    const note = (entry.wheelNote ??= {
      owner: entry,
      due: 0,
      reading: 0,
      slot: -1,
      before: undefined,
      after: undefined,
    });
    note.reading = this.#readingCount;
    if (note.slot >= 0) {
      // A later deadline stays in its slot and moves on when that slot is due: the usual case, at no cost.
      if (due < note.due) this.#take(note);
      note.due = due;
      if (note.slot >= 0) return;
    }
    note.due = due;
    this.#put(note);
  }

  /** Removes the deadline of `entry`, if it is set. */
  clear(entry: Deadline): void {
    const note = entry.wheelNote;
    if (note === undefined || note.slot < 0) return;
    this.#take(note);
    note.due = 0;
  }

  /**
   * Expires the deadlines that are due now. The timer of the wheel calls this by itself. A test with its own clock calls it after it has moved
   * the clock, before it sets another deadline.
   */
  advance(): void {
    this.#readClock();
    this.#pass();
  }

  /** Removes all deadlines and ignores new ones. */
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

  /** Reads the clock. Returns the first tick that begins now or later. */
  #readClock(): number {
    if (this.#timer === undefined) return this.#from;
    const ticks = (this.#now() - this.#startedAt) / this.#tickMs;
    const soonest = Math.ceil(ticks);
    this.#readingCount++;
    this.#tick = Math.max(this.#tick, Math.floor(ticks));
    this.#from = Math.max(this.#from, soonest + 1);
    return soonest;
  }

  /** Reads the clock after a turn that may have been long, and delays the deadlines set since the last reading: they may have been set just now. */
  #delayRecent(): void {
    const reading = this.#readingCount;
    const from = this.#from;
    const lateTicks = this.#readClock() - from;
    if (lateTicks <= 0) return;
    for (const first of this.#slots) {
      // It stays in its slot and moves on when that slot is due.
      for (let note = first; note !== undefined; note = note.after) if (note.reading === reading) note.due += lateTicks;
    }
  }

  /**
   * Reads the clock, then expires deadlines after the sockets were read: if the process was blocked, bytes that peers have sent in time must
   * be read first.
   *
   * @internal
   */
  tick(): void {
    this.#delayRecent();
    if (this.#tick > this.#passed + 2) setImmediate(onLate, this);
    else this.#pass();
  }

  /** Called after the sockets were read, which may have taken long too. @internal */
  tickLate(): void {
    this.#delayRecent();
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
    // No note returns to the slot of the current tick, so this loop ends.
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

function resolveTimerWheelOptions(options: TimerWheelOptions): Required<TimerWheelOptions> {
  assertNames('TimerWheel', options, [...Object.keys(ranges), 'now']);
  assertFunctions(options, ['now']);
  return { ...readIntegers(options, ranges), now: options.now ?? (() => performance.now()) };
}

function onTick(wheel: TimerWheel): void {
  wheel.tick();
}

function onLate(wheel: TimerWheel): void {
  wheel.tickLate();
}
