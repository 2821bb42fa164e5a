import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptTasks, type TraceEvent } from './trace-tasks.ts';

const own = { data: { url: 'http://localhost:1/static/assets/main.js' } };

function event(name: string, ts: number, dur: number, more: Partial<TraceEvent> = {}): TraceEvent {
  return { name, ph: 'X', pid: 1, tid: 1, ts, dur, ...more };
}

test('a task counts if a script of the page ran in it, with the time of its outermost functions', () => {
  const events = [
    event('RunTask', 0, 60_000),
    event('FunctionCall', 1000, 20_000, { args: own }),
    event('FunctionCall', 2000, 5000, { args: own }),
    event('FunctionCall', 30_000, 10_000, { args: own }),
    event('RunTask', 70_000, 90_000),
    event('Layout', 71_000, 80_000),
    event('RunTask', 200_000, 4000),
    event('FunctionCall', 200_500, 3000, { args: own }),
  ];
  assert.deepEqual(scriptTasks(events), [
    { ms: 60, scriptMs: 30 },
    { ms: 4, scriptMs: 3 },
  ]);
});

test('scripts of the measurement, and tasks of other threads at the same time, do not count', () => {
  const events = [
    event('RunTask', 0, 60_000),
    event('FunctionCall', 1000, 20_000, { args: { data: { url: '' } } }),
    event('RunTask', 0, 10_000, { tid: 2 }),
    event('FunctionCall', 500, 5000, { tid: 2, args: own }),
  ];
  assert.deepEqual(scriptTasks(events), [{ ms: 10, scriptMs: 5 }]);
});
