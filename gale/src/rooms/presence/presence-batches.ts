/**
 * Presence events for the subscribers of one room: at most one batch per interval, with net changes only.
 * Batches of a small room name people. A room above `namesMax` gets counts only. The roster calls this for each
 * change; the channel sends the results.
 */
import type { PresenceBatch, RoomPeople } from './room-people.ts';
import type { Person } from '../stream.ts';

/** Options of {@link PresenceBatches}, from the roster. */
export interface PresenceBatchesOptions {
  /** Time from the first change to its batch, in milliseconds. */
  readonly batchMs: number;
  /** Most people in a room whose events have names. Events of larger rooms have counts only. */
  readonly namesMax: number;
  /** Sends a batch to all subscribers that have the list. */
  readonly onBatch: (batch: PresenceBatch) => void;
  /** Sends the whole list to them, if a batch is not enough. */
  readonly onPeople: (people: RoomPeople) => void;
  /** Called after each interval with changes, even if nothing was sent. */
  readonly onInterval: () => void;
}

/** A room gets names again at this share of `namesMax`, so that it does not switch with each person. */
const namesAgainShare = 0.9;

/** A person whose presence changed since the last batch. */
interface Change {
  person: Person;
  /** Whether they were in the room at the last batch. */
  readonly wasHere: boolean;
  /** Number of their first change. */
  readonly number: number;
}

/** The batches of one room. */
export class PresenceBatches {
  readonly #room: string;
  readonly #people: ReadonlyMap<string, Person>;
  readonly #options: PresenceBatchesOptions;
  #hasNames = false;
  /** The next event must be the whole list. */
  #mustList = false;
  /** The count of the last batch. */
  #sentCount = 0;
  /** A subscriber got another count, or does not know yet that the room has counts only. */
  #mustCount = false;
  /** Changes by person, while the room has names. */
  readonly #changes = new Map<string, Change>();
  /** Number of the last change since the last batch. Changes up to `#shownNumber` were in a list that a subscriber got. */
  #lastNumber = 0;
  #shownNumber = 0;
  #shown: RoomPeople | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param people - The people of the room by id. The roster changes this map. */
  constructor(room: string, people: ReadonlyMap<string, Person>, options: PresenceBatchesOptions) {
    this.#room = room;
    this.#people = people;
    this.#options = options;
  }

  /** Starts with the current people, before anything was sent. */
  begin(): void {
    this.#sentCount = this.#people.size;
    this.#hasNames = this.#people.size <= this.#options.namesMax && this.#options.namesMax > 0;
  }

  /** Records that a person entered or left, after `people` was changed. */
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

  /** The current list for a new subscriber. Later batches may repeat changes that are in the list. */
  show(): RoomPeople {
    const count = this.#people.size;
    this.#shown ??= { room: this.#room, count, people: this.#hasNames ? [...this.#people.values()] : undefined };
    this.#shownNumber = this.#lastNumber;
    if (count !== this.#sentCount) this.#mustCount = true;
    return this.#shown;
  }

  /** Stops sending. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #noteName(person: Person, isHere: boolean): void {
    const before = this.#changes.get(person.id);
    if (!before) {
      this.#changes.set(person.id, { person, wasHere: !isHere, number: ++this.#lastNumber });
    } else if (before.wasHere === isHere && before.number > this.#shownNumber) {
      // Same as in the last batch, and no subscriber has seen the change.
      this.#changes.delete(person.id);
    } else before.person = person;
    // A batch must not be larger than the list.
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
