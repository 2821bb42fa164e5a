/**
 * Computes the `seq` of messages of a stream. In one epoch it is offset + delta of the newest segment that begins at or before the offset. A
 * further segment begins only where the distance changes: after the stream lost messages which the table has, or where it has one twice.
 */
import type { WireSegment } from '../wire.ts';

/** The segment of an offset. @param segments - Of one epoch, ascending. */
export function segmentAt(segments: readonly WireSegment[], offset: number): WireSegment | undefined {
  return segments.findLast(({ firstOffset }) => firstOffset <= offset);
}

/** The `seq` of the message at an offset; undefined before the first segment. */
export function seqAt(segments: readonly WireSegment[], offset: number): number | undefined {
  const segment = segmentAt(segments, offset);
  return segment && offset + segment.delta;
}

/** Numbers the messages of a room, in the order of the stream. */
export class Numbering {
  #segments: readonly WireSegment[];
  #topSeq: number;
  #isChanged = false;

  /**
   * @param segments - Of the epoch, ascending.
   * @param topSeq - The greatest `seq` so far.
   */
  constructor(segments: readonly WireSegment[], topSeq: number) {
    this.#segments = segments;
    this.#topSeq = topSeq;
  }

  get topSeq(): number {
    return this.#topSeq;
  }

  /** Ascending; another list if {@link isChanged}. */
  get segments(): readonly WireSegment[] {
    return this.#segments;
  }

  /** Whether a segment was added. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /**
   * Numbers the next message.
   *
   * @param known - Its `seq`, if the table has it already.
   */
  next(offset: number, known: number | undefined): number {
    const seq = known ?? this.#topSeq + 1;
    this.#topSeq = Math.max(this.#topSeq, seq);
    this.#place(offset, seq);
    return seq;
  }

  /** Call it after the last message: the next one will get a new `seq`, so its segment is known before it is sent. */
  end(offset: number): void {
    this.#place(offset + 1, this.#topSeq + 1);
  }

  #place(offset: number, seq: number): void {
    const delta = seq - offset;
    if (segmentAt(this.#segments, offset)?.delta === delta) return;
    // Later segments belong to messages that the store lost.
    this.#segments = [
      ...this.#segments.filter(({ firstOffset }) => firstOffset < offset),
      { firstOffset: offset, delta },
    ];
    this.#isChanged = true;
  }
}
