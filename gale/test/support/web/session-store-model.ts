/** A model of a store of sessions, and the comparison of a store with it by random steps. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type {
  ListedSession,
  SaveResult,
  SessionChange,
  SessionStore,
  StoredSession,
} from '../../../src/web/sessions/session-store.ts';
import { change, idOf, idsOf, lifeMs, limits, newId, now, saved } from './session-changes.ts';

/** Runs random steps with a store and the model; both must return the same. */
export async function compareWithModel(store: SessionStore, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { maxLength: 40 }), async (steps) => {
      const run = newId();
      const model = new Model();
      let time = now;
      for (const step of steps) {
        time += step.passes;
        const [id, other, person] = [step.id, step.other, step.person].map((name) => idOf(`${run}-${name}`));
        await compare(store, model, step, { id: id ?? '', other: other ?? '', person: person ?? '', time });
      }
    }),
    { numRuns },
  );
}

/** One step of the property test. */
interface Step {
  readonly kind: 'create' | 'change' | 'rename' | 'login' | 'end' | 'load' | 'list';
  readonly passes: number;
  readonly id: number;
  readonly other: number;
  readonly person: number;
  readonly values: readonly (readonly [key: string, text: string | undefined])[];
  readonly expects: readonly [key: string, text: string | undefined] | null;
  readonly clears: boolean;
}

const someKey = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const someText = fc.constantFrom('1', '2', '"x"', `"${'y'.repeat(450)}"`);
const someStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('create', 'change', 'change', 'change', 'rename', 'login', 'login', 'end', 'load', 'list'),
  passes: fc.constantFrom(1, 1, 1, lifeMs / 4),
  id: fc.nat(3),
  other: fc.nat(3),
  person: fc.nat(1),
  values: fc.array(fc.tuple(someKey, fc.option(someText, { nil: undefined })), { maxLength: 3 }),
  expects: fc.option(fc.tuple(someKey, fc.option(someText, { nil: undefined })), { freq: 2 }),
  clears: fc.boolean(),
});

interface Names {
  readonly id: string;
  readonly other: string;
  readonly person: string;
  readonly time: number;
}

/** Runs a step with the store and the model; both must return the same. */
async function compare(
  store: SessionStore,
  model: Model,
  step: Step,
  { id, other, person, time }: Names,
): Promise<void> {
  const values = new Map(step.values);
  const times = { createdAt: time, seenAt: time, expiresAt: time + lifeMs, values };
  const made = (more: Partial<SessionChange>): SessionChange => ({ ...change(id, {}), ...times, ...more });
  const save = async (given: SessionChange): Promise<void> => {
    const [actual, expected] = [await store.save(given, time), model.save(given, time)];
    assert.deepEqual(withSorted(actual), withSorted(expected));
  };
  switch (step.kind) {
    case 'create':
      // An id is random, so no other session has it.
      if (model.find(id, time) === undefined) await save(made({ from: 'new' }));
      break;
    case 'change':
      await save(
        made({ expected: step.expects === null ? undefined : { key: step.expects[0], text: step.expects[1] } }),
      );
      break;
    case 'rename':
    case 'login': {
      if (id === other || model.find(id, time) !== undefined) break;
      const before = model.find(other, time);
      const isLogin = step.kind === 'login';
      const owner = isLogin ? person : before?.person;
      await save(made({ from: { id: other }, person: owner, isLogin, clears: isLogin && step.clears }));
      break;
    }
    case 'end':
      assert.deepEqual(
        [...(await store.end([id, other], time))].toSorted(),
        model.end([...new Set([id, other])], time),
      );
      break;
    case 'load':
      break;
    case 'list':
      assert.deepEqual(idsOf(await store.list(person, time)), model.list(person, time));
      break;
  }
  const [actual, expected] = [await store.load(id, time), model.find(id, time)];
  assert.deepEqual(actual && pick(actual), expected && pick(expected));
}

function pick({ person, createdAt, seenAt, expiresAt, values }: StoredSession): unknown {
  return { person, createdAt, seenAt, expiresAt, values: Object.fromEntries([...values].toSorted()) };
}

function withSorted(result: SaveResult): unknown {
  return result.state === 'saved' ? { ...result, ended: result.ended.toSorted() } : result;
}

/** The simplest store: an array. */
class Model {
  #all: ListedSession[] = [];

  find(id: string, time: number): ListedSession | undefined {
    return this.#all.find((session) => session.id === id && session.expiresAt > time);
  }

  list(person: string, time: number): string[] {
    return idsOf(this.#all.filter((session) => session.person === person && session.expiresAt > time));
  }

  end(ids: readonly string[], time: number): string[] {
    const ended = ids.filter((id) => this.find(id, time)).toSorted();
    this.#all = this.#all.filter(({ id }) => !ids.includes(id));
    return ended;
  }

  save(given: SessionChange, time: number): SaveResult {
    const source = typeof given.from === 'object' ? given.from.id : given.id;
    const before = given.from === 'new' ? undefined : this.find(source, time);
    if (given.from !== 'new' && before === undefined) return { state: 'gone' };
    const text = before?.values.get(given.expected?.key ?? '');
    if (given.expected !== undefined && given.expected.text !== text) return { state: 'conflict', text };
    const old = before?.values ?? new Map<string, string>();
    const values = new Map(
      [...(given.clears ? [] : old), ...given.values].filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    for (const [key, value] of given.values) if (value === undefined) values.delete(key);
    const isOver = size(values) > limits.maxBytes || values.size > limits.maxKeys;
    if (isOver && (size(values) > size(old) || values.size > old.size)) {
      return { state: 'full', bytes: size(values), keys: values.size };
    }
    const kept = given.from === undefined && before ? before : given;
    this.#all = this.#all.filter(({ id }) => id !== source && id !== given.id);
    this.#all.push({ ...given, person: kept.person, createdAt: kept.createdAt, values });
    if (!given.isLogin) return saved;
    const others = this.#all.filter(
      ({ id, person, expiresAt }) => person === given.person && id !== given.id && expiresAt > time,
    );
    const ended = others
      .toSorted((left, right) => right.seenAt - left.seenAt)
      .slice(limits.maxPerPerson - 1)
      .map(({ id }) => id);
    this.end(ended, time);
    return { state: 'saved', ended };
  }
}

function size(values: ReadonlyMap<string, string>): number {
  return [...values].flat().join('').length;
}
