import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionOf, selectParts } from './chat-benchmark.ts';
import { partsOf } from './parts.ts';

const parts = partsOf({
  crowd: { people: 100, rooms: 5, messagesPerSecond: 50, seconds: 1, watching: 20 },
  opening: { messages: 300, fewMessages: 50, turns: 2 },
  welcome: { people: 100, rooms: 5, windows: 50 },
  window: { people: 30, messages: 20 },
});

// window-full is the same load as window.
for (const part of parts.filter(({ name }) => name !== 'window-full')) {
  const skip = process.platform !== 'linux' && part.name !== 'first-load';
  test(`${part.name}: a small measurement has all figures`, { skip }, async (t) => {
    t.after(() => part.close());
    const values = await part.measure('');
    for (const { value } of part.figures) assert.ok(Number.isFinite(values[value]), value);
  });
}

test('parts are selected by name, in their order; without names all except those with a browser', () => {
  const some = ['a', 'b', 'c'].map((name) => ({ name }));
  const namesOf = (names: string): string[] => selectParts(some, names, [{ name: 'c' }]).map(({ name }) => name);
  assert.deepEqual(namesOf(''), ['a', 'b']);
  assert.deepEqual(namesOf('c,a'), ['a', 'c']);
  assert.throws(() => namesOf('a,d'), { code: 'OPTION_VALUE', message: '--only must be some of a, b, c; got "d".' });
});

test('a section has the median of the rounds, and whether the goal is met', () => {
  const figures = [
    { value: 'p99', title: 'ms', digits: 1, goal: 150 },
    { value: 'cpu', title: 'CPU', digits: 0, goal: 5 },
    { value: 'size', title: 'MB', digits: 0 },
  ];
  const rounds = [
    { p99: 100, cpu: 6, size: 9 },
    { p99: 200, cpu: 6, size: 9 },
    { p99: 149, cpu: 6, size: 9 },
  ];
  assert.equal(
    sectionOf({ part: { name: 'crowd', title: 'people', figures }, rounds }),
    `## crowd: people

| figure | measured | goal |  |
| --- | ---: | ---: | ---: |
| ms | 149.0 (100.0–200.0) | ≤ 150 | met |
| CPU | 6 | ≤ 5 | missed |
| MB | 9 |  |  |`,
  );
});
