/**
 * The log of an application under test. It keeps the lines. A warning or an error that the test does not expect fails the test when the
 * test app closes.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import { GaleError } from '../errors.ts';
import { assertNames, assertObject, listChoices, maxTimerMs, readIntegers, wrongValue } from '../run/given-options.ts';
import { logLevels, type Logger, type LogLevel } from '../run/log.ts';

/** One log line. */
export interface TestLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A line that a test expects. What is left out may be anything. */
export interface LogPattern {
  readonly level?: TestLogLine['level'];
  /** Part of the message, or a regular expression. */
  readonly message?: string | RegExp;
  /**
   * Some of the fields. A value must be deeply equal. A regular expression matches a string, or the message of an error.
   */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Options of `expectLog`. */
export interface ExpectLogOptions {
  /** Maximum time until a line matches, in milliseconds. @defaultValue 5 000 */
  readonly timeoutMs?: number;
}

/** Characters of a line in the message of an error. */
const maxShownCharacters = 1_000;

/** Lines that are kept; above it, the oldest half of the lines below `warn` is dropped. */
const maxQuietLines = 10_000;

/** A line that a test expects. */
interface Expectation {
  readonly pattern: Pattern;
  isMet: boolean;
  readonly line: PromiseWithResolvers<TestLogLine>;
  timer?: NodeJS.Timeout;
}

type Pattern = string | RegExp | LogPattern;

/** Keeps every line from its level on. */
export class TestLog implements Logger {
  #lines: TestLogLine[] = [];
  #quietCount = 0;
  readonly #level: number;
  readonly #expectations: Expectation[] = [];

  constructor(level: LogLevel) {
    if (!logLevels.includes(level)) throw wrongValue('logLevel', listChoices(logLevels), level);
    this.#level = logLevels.indexOf(level);
  }

  /** All lines so far, the oldest first. */
  get lines(): readonly TestLogLine[] {
    return this.#lines;
  }

  /** Asked by the access log, as of a pino logger. */
  isLevelEnabled(level: LogLevel): boolean {
    return logLevels.indexOf(level) >= this.#level;
  }

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  /** See {@link TestApp.expectLog}. @internal */
  expect(pattern: Pattern, options: ExpectLogOptions = {}): Promise<TestLogLine> {
    if (typeof pattern !== 'string' && !(pattern instanceof RegExp)) assertPattern(pattern);
    assertNames('expectLog', options, ['timeoutMs']);
    const { timeoutMs } = readIntegers(options, { timeoutMs: [5_000, 1, maxTimerMs] });
    const expectation: Expectation = { pattern, isMet: false, line: Promise.withResolvers() };
    this.#expectations.push(expectation);
    const { promise, reject } = expectation.line;
    // A test need not await it: close() reports a line that is missing.
    promise.catch(() => {});
    const found = this.#lines.find((line) => matches(pattern, line));
    if (found !== undefined) {
      meet(expectation, found);
    } else {
      expectation.timer = setTimeout(() => reject(this.#missing(pattern, `within ${timeoutMs} ms`)), timeoutMs);
    }
    return promise;
  }

  /** Rejects the expectations that are not met: the test has ended. @internal */
  end(): void {
    for (const { isMet, pattern, line, timer } of this.#expectations) {
      clearTimeout(timer);
      if (!isMet) line.reject(this.#missing(pattern, 'before the end of the test'));
    }
  }

  /** What is wrong with the log at the end of a test; `undefined` if nothing is. @internal */
  fault(): GaleError | undefined {
    const loud = this.#lines.filter(({ level }) => level === 'warn' || level === 'error');
    const unexpected = loud.filter((line) => !this.#expectations.some(({ pattern }) => matches(pattern, line)));
    const missing = this.#expectations.filter(({ isMet }) => !isMet);
    if (unexpected.length === 0 && missing.length === 0) return undefined;
    const parts = [
      ...unexpected.map((line) => `\n  unexpected: ${textOf(line)}`),
      ...missing.map(({ pattern }) => `\n  expected, but not logged: ${show(pattern)}`),
    ];
    const causes = unexpected.map(({ fields }) => fields['err']).filter((error) => error !== undefined);
    return new GaleError(
      'TEST_LOG',
      `The log of the application has lines that the test does not expect, or lacks some. Call expectLog(pattern) for each that belongs to the test.${parts.join('')}`,
      causes.length === 0 ? {} : { cause: causes[0] },
    );
  }

  #add(level: TestLogLine['level'], fields: object, message: string): void {
    if (!this.isLevelEnabled(level)) return;
    const line: TestLogLine = { level, message, fields: { ...fields } };
    this.#lines.push(line);
    if (level === 'debug' || level === 'info') {
      this.#quietCount++;
      if (this.#quietCount > maxQuietLines) this.#dropQuiet();
    }
    for (const expectation of this.#expectations) {
      if (expectation.isMet || !matches(expectation.pattern, line)) continue;
      meet(expectation, line);
    }
  }

  #dropQuiet(): void {
    let dropped = 0;
    this.#lines = this.#lines.filter(({ level }) => {
      if (level === 'warn' || level === 'error' || dropped >= maxQuietLines / 2) return true;
      dropped++;
      return false;
    });
    this.#quietCount -= dropped;
  }

  #missing(pattern: Pattern, when: string): GaleError {
    // A pattern with fields needs to see them.
    const hasFields = typeof pattern === 'object' && 'fields' in pattern;
    const shown = (line: TestLogLine): string =>
      hasFields ? `${textOf(line)} ${inspect(line.fields, { breakLength: Infinity, depth: 2 })}` : textOf(line);
    const newest = this.#lines.slice(-10).map((line) => `\n  ${shown(line).slice(0, maxShownCharacters)}`);
    const found = newest.length === 0 ? 'the log is empty.' : `the newest lines:${newest.join('')}`;
    return new GaleError('TEST_LOG', `No log line matched ${show(pattern)} ${when}; ${found}`);
  }
}

function meet(expectation: Expectation, line: TestLogLine): void {
  expectation.isMet = true;
  clearTimeout(expectation.timer);
  expectation.line.resolve(line);
}

function assertPattern(pattern: LogPattern): void {
  if (typeof pattern !== 'object' || pattern === null) {
    throw wrongValue('pattern', 'a string, a regular expression or an object', pattern);
  }
  assertNames('pattern', pattern, ['level', 'message', 'fields']);
  const { level, message, fields } = pattern;
  if (level === undefined && message === undefined && fields === undefined) {
    throw wrongValue('pattern', 'an object with level, message or fields', pattern);
  }
  if (level !== undefined && !lineLevels.includes(level)) throw wrongValue('level', listChoices(lineLevels), level);
  if (message !== undefined && typeof message !== 'string' && !(message instanceof RegExp)) {
    throw wrongValue('message', 'a string or a regular expression', message);
  }
  if (fields !== undefined) assertObject('fields', fields);
}

const lineLevels: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies readonly TestLogLine['level'][];

function matches(pattern: Pattern, line: TestLogLine): boolean {
  if (typeof pattern === 'string' || pattern instanceof RegExp) return matchesText(pattern, textOf(line));
  const { level, message, fields = {} } = pattern;
  return (
    (level === undefined || level === line.level) &&
    (message === undefined || matchesText(message, line.message)) &&
    Object.entries(fields).every(([name, value]) => matchesField(value, line.fields[name]))
  );
}

function matchesText(pattern: string | RegExp, text: string): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}

function matchesField(expected: unknown, value: unknown): boolean {
  if (!(expected instanceof RegExp)) return isDeepStrictEqual(value, expected);
  const text = value instanceof Error ? value.message : value;
  return typeof text === 'string' && matchesText(expected, text);
}

/** `error: A handler failed (Out of order)`: level, message, and the message of the error or the reason. */
function textOf({ level, message, fields: { err, reason } }: TestLogLine): string {
  const why = err instanceof Error ? err.message : reason;
  return `${level}: ${message}${typeof why === 'string' ? ` (${why})` : ''}`;
}

function show(pattern: Pattern): string {
  if (typeof pattern === 'string') return JSON.stringify(pattern);
  return pattern instanceof RegExp ? String(pattern) : inspect(pattern, { breakLength: Infinity });
}
