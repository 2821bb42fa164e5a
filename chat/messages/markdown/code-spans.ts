/** Finds code in lines of text: what is between two runs of the same number of backticks. The time is linear in the text. */

/** A part of a text, from `start` to before `end`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
  /** The code without its backticks; undefined for other text. */
  readonly code: string | undefined;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The next run of the same length. */
  next: Run | undefined;
}

/** Splits a text into code and other text. Code is on one line, or on several if it has three or more backticks. */
export function splitCode(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let done = 0;
  for (const run of findRuns(text)) {
    const { next } = run;
    if (run.start < done || !next || (next.line !== run.line && run.end - run.start < 3)) continue;
    if (run.start > done) spans.push({ start: done, end: run.start, code: undefined });
    spans.push({ start: run.start, end: next.end, code: withoutPadding(text.slice(run.end, next.start)) });
    done = next.end;
  }
  if (done < text.length) spans.push({ start: done, end: text.length, code: undefined });
  return spans;
}

function findRuns(text: string): Run[] {
  const runs: Run[] = [];
  const last = new Map<number, Run>();
  let line = 0;
  for (const { 0: found, index } of text.matchAll(/`+|\n/g)) {
    if (found === '\n') {
      line++;
      continue;
    }
    const run: Run = { start: index, end: index + found.length, line, next: undefined };
    const previous = last.get(found.length);
    if (previous) previous.next = run;
    last.set(found.length, run);
    runs.push(run);
  }
  return runs;
}

/** One space at both ends separates the code from its backticks, as in CommonMark §6.1. */
function withoutPadding(code: string): string {
  return code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code;
}
