/**
 * What the subscribers of one room are sent about its people: at most one batch per interval, with net changes only.
 * A small room's batches name people; a room above `namesMax` gets its count alone. The roster calls this for each
 * change; the channel sends what it emits.
 */
import type { PresenceBatch, RoomPeople } from './room-people.ts';
import type { Person } from '../stream.ts';

/** What {@link PresenceBatches} needs from the roster. */
export interface PresenceBatchesOptions {
  /** Time from the first change to the batch that has it, in milliseconds. */
  readonly batchMs: number;
  /** Most people that a room's events name; above that they only count. */
  readonly namesMax: number;
  /** Sends a batch to all subscribers that have the people. */
  readonly onBatch: (batch: PresenceBatch) => void;
  /** Sends the whole list to them, where a batch cannot say it. */
  readonly onPeople: (people: RoomPeople) => void;
  /** An interval with changes is over, whether anything was sent or not. */
  readonly onInterval: () => void;
}

/** A room gets names again at this share of `namesMax`, so that it does not switch with every person. */
const namesAgainShare = 0.9;

/** A person whose presence changed since the last batch. */
interface Change {
  person: Person;
  /** Whether they were in the room at the last batch. */
  readonly wasHere: boolean;
  /** The number of the first change of theirs. */
  readonly number: number;
}

/** The batches of one room. */
export class PresenceBatches {
  readonly #room: string;
  readonly #people: ReadonlyMap<string, Person>;
  readonly #options: PresenceBatchesOptions;
  #hasNames = false;
  /** The next event has to be the whole list. */
  #mustList = false;
  /** The count of the last batch. */
  #sentCount = 0;
  /** Some subscriber got another count, or does not know that the room gets counts only. */
  #mustCount = false;
  /** By person; only while the room has names. */
  readonly #changes = new Map<string, Change>();
  /** Changes since the last batch; those up to `#shownNumber` were in a list that somebody got. */
  #lastNumber = 0;
  #shownNumber = 0;
  #shown: RoomPeople | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param people - The people of the room by id; the roster changes it. */
  constructor(room: string, people: ReadonlyMap<string, Person>, options: PresenceBatchesOptions) {
    this.#room = room;
    this.#people = people;
    this.#options = options;
  }

  /** Begins with the people there are; nobody was sent anything yet. */
  begin(): void {
    this.#sentCount = this.#people.size;
    this.#hasNames = this.#people.size <= this.#options.namesMax && this.#options.namesMax > 0;
  }

  /** Notes that somebody has entered or left; `people` has it already. */
  note(person: Person, isHere: boolean): void {
    this.#shown = undefined;
    this.#timer ??= setTimeout(() => this.#send(), this.#options.batchMs).unref();
    if (!this.#hasNames) return;
    if (this.#people.size > this.#options.namesMax) {
      this.#hasNames = false;
      this.#mustCount = true;
      this.#mustList = false;
      this.#changes.clear();
    } else if (!this.#mustList) this.#noteName(person, isHere);
  }

  /** Who is here now, for a new subscriber. It gets all later batches, and these may repeat what the list says. */
  show(): RoomPeople {
    const count = this.#people.size;
    this.#shown ??= { room: this.#room, count, people: this.#hasNames ? [...this.#people.values()] : undefined };
    this.#shownNumber = this.#lastNumber;
    if (count !== this.#sentCount) this.#mustCount = true;
    return this.#shown;
  }

  /** Sends nothing from now on. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #noteName(person: Person, isHere: boolean): void {
    const before = this.#changes.get(person.id);
    if (!before) {
      this.#changes.set(person.id, { person, wasHere: !isHere, number: ++this.#lastNumber });
    } else if (before.wasHere === isHere && before.number > this.#shownNumber) {
      // As at the last batch, and nobody has seen it otherwise.
      this.#changes.delete(person.id);
    } else before.person = person;
    // A batch is not larger than the list.
    if (this.#changes.size > this.#options.namesMax) {
      this.#mustList = true;
      this.#changes.clear();
    }
  }

  #send(): void {
    const { namesMax, onBatch, onPeople, onInterval } = this.#options;
    const count = this.#people.size;
    const isCountNew = this.#mustCount || count !== this.#sentCount;
    const isSmall = namesMax > 0 && count <= Math.floor(namesMax * namesAgainShare);
    if (!this.#hasNames && isSmall) {
      this.#hasNames = this.#mustList = true;
      this.#shown = undefined;
    }
    const names = this.#hasNames && !this.#mustList ? this.#netChanges() : undefined;
    const mustList = this.#mustList;
    this.#timer = undefined;
    this.#changes.clear();
    this.#lastNumber = this.#shownNumber = 0;
    this.#sentCount = count;
    this.#mustCount = this.#mustList = false;
    if (mustList) onPeople(this.show());
    else if (names) {
      if (names.entered.length + names.left.length > 0) onBatch({ room: this.#room, count, ...names });
    } else if (isCountNew) onBatch({ room: this.#room, count, entered: undefined, left: undefined });
    onInterval();
  }

  #netChanges(): { readonly entered: Person[]; readonly left: Person[] } {
    const entered: Person[] = [];
    const left: Person[] = [];
    for (const [id, { person, wasHere, number }] of this.#changes) {
      const isHere = this.#people.has(id);
      if (isHere !== wasHere || number <= this.#shownNumber) (isHere ? entered : left).push(person);
    }
    return { entered, left };
  }
}
