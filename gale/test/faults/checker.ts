/**
 * Judges the history of a scenario: which acknowledged messages are lost, repeated or announced, and whether the invariants
 * I1 to I5 hold. It only reads histories; checker.test.ts plants a violation of each invariant.
 */
import type { ConsumerRecord, History, PublishRecord, SeenPosition, StreamRecord } from './history.ts';
import { View } from './view.ts';
import type { Violation } from './violation.ts';

/** What a scenario permits. */
export interface Permissions {
  /** Whether the store loses acknowledged messages, as without persistence. They must be announced. */
  readonly storeMayLose?: boolean;
}

/** The numbers of one scenario. */
export interface Counts {
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages that consumers got, all consumers together. */
  readonly delivered: number;
  readonly repeated: number;
  /** Acknowledged messages that the store lost, or that a consumer never got; each counts once. */
  readonly lost: number;
  /** Those of the lost that a `dropped` or `reset` announced to every consumer that misses them. */
  readonly announced: number;
}

/** The judgement of a history. */
export interface Judgement extends Counts {
  readonly violations: readonly Violation[];
}

/** Judges a history. */
export function judge(history: History, permissions: Permissions = {}): Judgement {
  const views = history.consumers.map((record) => ({ record, view: new View(record) }));
  const violations = views.flatMap(({ view }) => view.violations);
  for (const stream of history.streams) violations.push(...judgeStream(stream));
  violations.push(...judgeOffsets(history), ...judgeReplies(history), ...judgePublisherOrder(history));
  const acknowledged = history.publishes.filter(({ outcome }) => outcome === 'acknowledged');
  let lost = 0;
  let announced = 0;
  for (const stream of history.streams) {
    const expected = views.filter(({ record }) => record.room === stream.room && record.isExpected);
    for (const { record, view } of expected) violations.push(...judgeEnd(record, view, stream));
    const kept = new Set(stream.entries.map(({ id, author }) => key(author, id)));
    for (const publish of acknowledged.filter(({ room }) => room === stream.room)) {
      const fate = judgeMessage(publish, stream, kept, expected);
      if (fate.missing.length === 0) continue;
      lost += 1;
      if (fate.unannounced.length === 0) announced += 1;
      else
        violations.push({ invariant: 'I4', text: `${shown(publish)}: lost and not announced to ${fate.unannounced}` });
      if (fate.isGone && !permissions.storeMayLose) {
        violations.push({ invariant: 'I1', text: `${shown(publish)}: acknowledged, but not in the stream` });
      }
    }
  }
  return {
    sent: history.publishes.length,
    acknowledged: acknowledged.length,
    delivered: sum(views.map(({ view }) => view.delivered)),
    repeated: sum(views.map(({ view }) => view.repeated)),
    lost,
    announced,
    violations,
  };
}

/** Whether a consumer is at the end of the stream with everything that it keeps. */
function judgeEnd(record: ConsumerRecord, view: View, { epoch, top, first, entries }: StreamRecord): Violation[] {
  const who = `${record.name} in ${record.room}`;
  if (view.epoch !== epoch || view.offset !== top) {
    const text = `${who}: ends at ${view.offset} of ${view.epoch}, the stream at ${top} of ${epoch}`;
    return [{ invariant: 'I1', text }];
  }
  const missing = entries.filter(
    ({ offset, id }) =>
      offset >= first && offset > view.begin && view.ids.get(offset) !== id && !view.isAnnounced(epoch, offset),
  );
  if (missing.length === 0) return [];
  const [{ offset, id } = { offset: 0, id: '' }] = missing;
  const text = `${who}: ${missing.length} kept messages are missing, the first is ${id} at ${offset}; it has ${view.ids.get(offset)}`;
  return [{ invariant: 'I1', text }];
}

interface Fate {
  /** The store does not have it, though it was not trimmed. */
  readonly isGone: boolean;
  /** Consumers without it; `the store` if it is gone. */
  readonly missing: readonly string[];
  /** Those of them without an announcement. */
  readonly unannounced: readonly string[];
}

function judgeMessage(
  publish: PublishRecord,
  stream: StreamRecord,
  kept: ReadonlySet<string>,
  consumers: readonly { readonly record: ConsumerRecord; readonly view: View }[],
): Fate {
  const position = publish.replies.at(-1);
  const isKept = kept.has(key(publish.person, publish.id));
  const isTrimmed = !isKept && position?.epoch === stream.epoch && position.offset < stream.first;
  const isGone = !isKept && !isTrimmed;
  const missing = isGone ? ['the store'] : [];
  const unannounced: string[] = [];
  for (const { record, view } of consumers) {
    const seen = view.everSeen.has(publish.id);
    if (isGone) {
      // It was shown in an epoch that a reset discarded, or never shown.
      if (seen && position && !view.discarded.has(position.epoch)) unannounced.push(record.name);
      else if (!seen && position && view.epoch === position.epoch) unannounced.push(record.name);
    } else if (!seen && position) {
      const isBeforeBegin = view.epoch === position.epoch && position.offset <= view.begin;
      const isAnnounced = view.isAnnounced(position.epoch, position.offset) || view.discarded.has(position.epoch);
      if (isBeforeBegin && !isAnnounced && !view.discarded.size) continue;
      missing.push(record.name);
      if (!isAnnounced) unannounced.push(record.name);
    }
  }
  return { isGone, missing, unannounced };
}

/** One entry for each id of a person, contiguous offsets, and as many entries as the bounds say. */
function judgeStream({ room, first, top, entries }: StreamRecord): Violation[] {
  const violations: Violation[] = [];
  const seen = new Map<string, number>();
  for (const [index, { offset, id, author }] of entries.entries()) {
    if (offset !== first + index) {
      violations.push({ invariant: 'I2', text: `${room}: offset ${offset} at place ${index} after first ${first}` });
    }
    const earlier = seen.get(key(author, id));
    if (earlier !== undefined) {
      violations.push({ invariant: 'I3', text: `${room}: ${id} of ${author} is at ${earlier} and ${offset}` });
    }
    seen.set(key(author, id), offset);
  }
  if (entries.length !== top - first + 1) {
    const text = `${room}: ${entries.length} entries, but the bounds are ${first} to ${top}`;
    violations.push({ invariant: 'I2', text });
  }
  return violations;
}

/** One offset of an epoch names one message, whoever saw it. */
function judgeOffsets({ publishes, consumers, streams }: History): Violation[] {
  const violations: Violation[] = [];
  const known = new Map<string, string>();
  const note = (room: string, position: SeenPosition, id: string, who: string): void => {
    const at = JSON.stringify([room, position.epoch, position.life ?? null, position.offset]);
    const other = known.get(at);
    if (other === undefined) known.set(at, id);
    else if (other !== id) {
      violations.push({ invariant: 'I2', text: `${at} is ${other} and ${id} (${who}): the stream was forked` });
    }
  };
  for (const { room, epoch, entries } of streams) {
    for (const entry of entries) note(room, { ...entry, epoch }, entry.id, 'stream');
  }
  for (const { person, room, id, replies } of publishes) for (const reply of replies) note(room, reply, id, person);
  for (const { name, room, events } of consumers) {
    for (const event of events) if (event.kind === 'message') note(room, event, event.id, name);
  }
  return violations;
}

/** All replies to one id have the same position, unless the store went back and they are of another epoch or life. */
function judgeReplies({ publishes }: History): Violation[] {
  return publishes.flatMap((publish): Violation[] => {
    const byStream = new Map<string, number>();
    for (const { epoch, life, offset } of publish.replies) {
      const stream = JSON.stringify([epoch, life]);
      const earlier = byStream.get(stream) ?? offset;
      byStream.set(stream, earlier);
      if (earlier !== offset) {
        return [{ invariant: 'I3', text: `${shown(publish)}: its replies have the offsets ${earlier} and ${offset}` }];
      }
    }
    return [];
  });
}

/** A message that a publisher sent after the reply to another one has a greater offset. */
function judgePublisherOrder({ publishes }: History): Violation[] {
  const violations: Violation[] = [];
  const newest = new Map<string, { readonly offset: number; readonly settledAt: number; readonly id: string }>();
  for (const publish of publishes) {
    const [reply] = publish.replies;
    if (!reply || publish.settledAt === undefined || publish.outcome !== 'acknowledged') continue;
    const place = JSON.stringify([publish.person, publish.room, reply.epoch, reply.life]);
    const earlier = newest.get(place);
    if (earlier && earlier.settledAt <= publish.invokedAt && earlier.offset >= reply.offset) {
      const text = `${shown(publish)}: offset ${reply.offset}, but ${earlier.id} before it has ${earlier.offset}`;
      violations.push({ invariant: 'I2', text });
    }
    if (!earlier || earlier.offset < reply.offset) {
      newest.set(place, { offset: reply.offset, settledAt: publish.settledAt, id: publish.id });
    }
  }
  return violations;
}

function shown({ person, room, id, replies }: PublishRecord): string {
  const positions = replies.map(({ epoch, offset }) => `${offset} of ${epoch}`);
  return `${id} of ${person} in ${room} (${positions.join(', ') || 'no reply'})`;
}

function key(author: string, id: string): string {
  return JSON.stringify([author, id]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
