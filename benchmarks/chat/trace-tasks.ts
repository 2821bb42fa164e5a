/** Finds the tasks of a page in a trace of Chromium in which the page's own script ran. */

/** An event of a trace; only the fields that are used here. Times are in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args?: { readonly data?: { readonly url?: string }; readonly name?: string };
}

/** A task of the main thread. */
export interface ScriptTask {
  readonly ms: number;
  /** Time of the page's own script in it, with the layout that the script needed at once. */
  readonly scriptMs: number;
}

/** Path of the scripts of the page. Scripts of the measurement have no address. */
const ownScript = /\/static\/assets\//;

/** Tasks of all threads of the pages in which functions of the page's own scripts were called. */
export function scriptTasks(events: readonly TraceEvent[]): ScriptTask[] {
  const complete = events.filter(({ ph, dur }) => ph === 'X' && dur !== undefined);
  const byThread = Map.groupBy(complete, ({ pid, tid }) => `${pid} ${tid}`);
  return [...byThread.values()].flatMap((thread) => {
    const scripts = outermost(
      thread.filter(({ name, args }) => {
        return (name === 'FunctionCall' || name === 'EvaluateScript') && ownScript.test(args?.data?.url ?? '');
      }),
    );
    if (scripts.length === 0) return [];
    const tasks = outermost(thread.filter(({ name }) => name.endsWith('RunTask')));
    return tasks.flatMap((task): ScriptTask[] => {
      const inside = scripts.filter((script) => script.ts >= task.ts && script.ts < endOf(task));
      if (inside.length === 0) return [];
      return [{ ms: (task.dur ?? 0) / 1000, scriptMs: inside.reduce((sum, { dur = 0 }) => sum + dur, 0) / 1000 }];
    });
  });
}

/** The events that are in no other one. */
function outermost(events: readonly TraceEvent[]): TraceEvent[] {
  const found: TraceEvent[] = [];
  for (const event of events.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))) {
    const last = found.at(-1);
    if (last === undefined || event.ts >= endOf(last)) found.push(event);
  }
  return found;
}

function endOf({ ts, dur = 0 }: TraceEvent): number {
  return ts + dur;
}
