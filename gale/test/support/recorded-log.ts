/** A log that keeps its lines. */
import type { Logger } from 'gale';

/** The form of every message: a capital letter at the beginning, and no full stop. Values are in fields. */
export const messageForm: RegExp = /^[A-Z][^.]*$/;

/** One line. */
export interface RecordedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps every line, for a test to read. */
export class RecordedLog implements Logger {
  readonly lines: RecordedLine[] = [];

  /** The messages of all lines, in order. */
  get messages(): string[] {
    return this.lines.map(({ message }) => message);
  }

  debug(fields: object, message: string): void {
    this.add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.add('error', fields, message);
  }

  protected add(level: RecordedLine['level'], fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message });
  }
}
