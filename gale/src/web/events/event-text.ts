/** The text of a server-sent event: WHATWG HTML §9.2.5. No I/O. */
import { assertFilledString, assertInteger, assertNames, maxTimerMs, wrongValue } from '../../run/given-options.ts';
import { toJsonText, type JsonRule } from '../../run/json-text.ts';

/** One event for the `EventSource` of a page. At least one field is given. */
export interface ServerEvent {
  /**
   * A string is sent as it is, any other value as JSON. The receiver reads every line end of a string as LF. Without it nothing is
   * dispatched, only `id` and `retry` have an effect.
   */
  readonly data?: unknown;
  /** Name of the event, for `addEventListener`. @defaultValue message */
  readonly event?: string;
  /** A browser that reconnects sends the last id: {@link EventStream.lastEventId}. An empty text clears it. */
  readonly id?: string | number;
  /** How long the browser waits before it reconnects, in milliseconds. */
  readonly retry?: number;
}

const names = ['data', 'event', 'id', 'retry'];
const dataRule: JsonRule = { must: 'data of an event must be a string or a value that JSON has', code: 'WEB_BODY' };

/**
 * Writes an event with the empty line that ends it.
 *
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN` for a wrong field, `WEB_BODY` for data that JSON would lose.
 */
export function eventText(fields: ServerEvent): string {
  assertNames('event', fields, names);
  const { data, event, id, retry } = fields;
  let text = '';
  if (event !== undefined) {
    assertFilledString('event', event);
    // A browser discards an event without data.
    if (data === undefined) throw wrongValue('data', 'given with the field event, such as an empty text', data);
    text += `event: ${oneLine('event', event)}\n`;
  }
  if (id !== undefined) text += `id: ${idText(id)}\n`;
  if (retry !== undefined) {
    assertInteger('retry', retry, 0, maxTimerMs);
    text += `retry: ${retry}\n`;
  }
  if (data !== undefined) text += dataLines(typeof data === 'string' ? data : toJsonText(data, dataRule));
  if (text === '') throw wrongValue('event', 'an object with data, id or retry', fields);
  return `${text}\n`;
}

function dataLines(data: string): string {
  return data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('');
}

function idText(id: unknown): string {
  if (typeof id === 'string') return oneLine('id', id);
  if (!Number.isSafeInteger(id)) throw wrongValue('id', 'a string or an integer', id);
  return String(id);
}

/** A line end would begin another field, and browsers ignore an id with NUL. */
function oneLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw wrongValue(name, 'a text without line ends and NUL', value);
  return value;
}
