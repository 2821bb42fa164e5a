/**
 * The file descriptors of this process: how many it may have, and one warning per minute when they run out. When they do, the system's
 * `accept` fails, and Node.js closes new connections without a word to anybody, so a server stops before that: it keeps a reserve.
 */
import { readFileSync } from 'node:fs';
import type { Logger } from './log.ts';
import { RateLimitedWarning } from './rate-limited-warning.ts';

/** Descriptors of a process. */
export interface OpenFilesLimit {
  /** Most that the process may have; Infinity where the system does not say. */
  readonly max: number;
  /** How many of them connections leave free for files, databases and connections of the process's own. */
  readonly reserve: number;
}

/** Least and most of a reserve, and which part of all it is between these. */
const minReserve = 8;
const maxReserve = 256;
const reservePart = 1 / 16;

let known: OpenFilesLimit | undefined;

/** The limit of this process, read once. Node.js itself raises it at its start as far as it may be raised. */
export function openFilesLimit(): OpenFilesLimit {
  return (known ??= toLimit(readMax()));
}

/** A reserve for so many descriptors. */
export function toLimit(max: number): OpenFilesLimit {
  if (max === Infinity) return { max, reserve: 0 };
  return { max, reserve: Math.ceil(Math.min(Math.max(max * reservePart, minReserve), maxReserve)) };
}

/** Whether the process, or the system, had no descriptor left for what was to be opened. */
export function isOutOfFiles(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Warns that descriptors run out, at most once per minute for each log. */
export function warnOutOfFiles(log: Logger, fields: Readonly<Record<string, unknown>>): void {
  let warning = warnings.get(log);
  if (warning === undefined) {
    const message = 'File descriptors run out: connections are refused or files cannot be opened. Raise ulimit -n.';
    warning = new RateLimitedWarning(log, message);
    warnings.set(log, warning);
  }
  warning.note({ maxOpenFiles: openFilesLimit().max, ...fields });
}

const warnings = new WeakMap<Logger, RateLimitedWarning>();

/** The soft limit, of Linux only. */
function readMax(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === '' ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
