/** Whether a text may be sent: the limits of a message, checked here first and by the server always. */
import { blankCharacters } from '../../blank-characters.ts';
import type { WireLimits } from '../../wire.ts';

/** What a text measures, and what is wrong with it. */
export interface Measured {
  readonly codePoints: number;
  readonly bytes: number;
  readonly problem: 'empty' | 'tooLong' | 'tooManyBytes' | undefined;
}

/** Something to see: not white space, not format characters, not characters that draw nothing. */
const visible = new RegExp(String.raw`[^\s\p{C}${blankCharacters}]`, 'u');
/** Control characters without line feed and tab, and halves of a surrogate pair. */
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const unsendable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}/gu;
const encoder = new TextEncoder();

/** Makes of a typed text what is sent: without blanks at its end, empty lines at its start, and control characters. */
export function toSendable(typed: string): string {
  return typed
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(unsendable, '')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
}

/** Measures a text that is to be sent. */
export function measure(text: string, limits: WireLimits): Measured {
  const codePoints = countCodePoints(text);
  const bytes = encoder.encode(text).length;
  let problem: Measured['problem'];
  if (codePoints > limits.codePoints) problem = 'tooLong';
  else if (bytes > limits.bytes) problem = 'tooManyBytes';
  else if (!visible.test(text)) problem = 'empty';
  return { codePoints, bytes, problem };
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
