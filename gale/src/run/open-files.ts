/**
 * The limit of file descriptors of this process, and at most one warning per minute when they run out. Without descriptors, the
 * system call `accept` fails, and Node.js closes new connections without any event. So a server keeps a reserve and refuses earlier.
 */
import { readFileSync } from 'node:fs';
import type { Logger } from './log.ts';
import { RateLimitedWarning } from './rate-limited-warning.ts';

/** Limit of file descriptors of a process. */
export interface OpenFilesLimit {
  /** Maximum of the process; Infinity if the system does not report it. */
  readonly max: number;
  /** Descriptors that incoming connections leave free, for files, databases and outgoing connections. */
  readonly reserve: number;
}

/** Minimum and maximum of the reserve. In between it is this part of all descriptors. */
const minReserve = 8;
const maxReserve = 256;
const reservePart = 1 / 16;

let known: OpenFilesLimit | undefined;

/** Returns the limit of this process, read once. Node.js itself raises it at its start as far as allowed. */
export function openFilesLimit(): OpenFilesLimit {
  return (known ??= toLimit(readMax()));
}

/** Adds the reserve to a maximum number of descriptors. */
export function toLimit(max: number): OpenFilesLimit {
  if (max === Infinity) return { max, reserve: 0 };
  return { max, reserve: Math.ceil(Math.min(Math.max(max * reservePart, minReserve), maxReserve)) };
}

/** Whether an operation failed because the process or the system had no descriptor left. */
export function isOutOfFiles(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Warns that descriptors run out, at most once per minute for each log. */
export function warnOutOfFiles(log: Logger, fields: Readonly<Record<string, unknown>>): void {
  const warning = RateLimitedWarning.of(
    log,
    'File descriptors run out: connections are refused or files cannot be opened; raise ulimit -n',
  );
  warning.note({ maxOpenFiles: openFilesLimit().max, ...fields });
}

/** Reads the soft limit; Infinity on systems other than Linux. */
function readMax(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === '' ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
