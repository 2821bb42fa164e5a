/**
 * The newest message ids of one person in one room, in memory: a ring with records of 24 bytes.
 */

/** Where a message with a remembered id was stored. */
export interface SentId {
  readonly offset: number;
  /** In milliseconds since 1970. */
  readonly time: number;
}

/** Numbers in a record: hash, offset, time. */
const width = 3;
/** Initial number of records. */
const leastRecords = 4;
/** Growth factor of a full ring. A record never takes more than 36 bytes. */
const growth = 1.5;

/** Remembered ids. The oldest are dropped. */
export class SentIds {
  #records = new Float64Array(leastRecords * width);
  #count = 0;
  #dropped: SentId | undefined;
  #newestTime = -Infinity;

  /** The newest id that was dropped. */
  get dropped(): SentId | undefined {
    return this.#dropped;
  }

  /** Time of the newest id. */
  get newestTime(): number {
    return this.#newestTime;
  }

  /** Bytes of the records. */
  get bytes(): number {
    return this.#records.byteLength;
  }

  /** Finds an id by its hash, if it is newer than `since`. */
  find(hash: number, since: number): SentId | undefined {
    const records = this.#records;
    let found: SentId | undefined;
    for (let at = 0; at < records.length; at += width) {
      if (records[at] !== hash) continue;
      const [offset, time] = [records[at + 1] as number, records[at + 2] as number];
      if (time > since && offset > (found?.offset ?? 0)) found = { offset, time };
    }
    return found;
  }

  /** Adds an id. @param most - Most ids remembered; the same at each call. */
  add(hash: number, { offset, time }: SentId, most: number): void {
    const at = (this.#count++ % most) * width;
    if (at >= this.#records.length) this.#grow(most);
    if (this.#count > most) {
      this.#dropped = { offset: this.#records[at + 1] as number, time: this.#records[at + 2] as number };
    }
    const records = this.#records;
    records[at] = hash;
    records[at + 1] = offset;
    records[at + 2] = time;
    this.#newestTime = Math.max(this.#newestTime, time);
  }

  #grow(most: number): void {
    const grown = new Float64Array(Math.min(most * width, Math.ceil((this.#records.length / width) * growth) * width));
    grown.set(this.#records);
    this.#records = grown;
  }
}
