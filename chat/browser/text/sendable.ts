/** Checks the limits of a message in the page. The server checks them again. */
import { blankCharacters } from '../../blank-characters.ts';
import type { WireLimits } from '../../wire.ts';

/** The size of a text, and why it cannot be sent. */
export interface Measured {
  readonly codePoints: number;
  readonly bytes: number;
  readonly problem: 'empty' | 'tooLong' | 'tooManyBytes' | undefined;
}

/** A visible character: no white space, no format character, no blank character. */
const visible = new RegExp(String.raw`[^\s\p{C}${blankCharacters}]`, 'u');
/** Control characters except line feed and tab, and lone surrogates. */
// oxlint-disable-next-line no-control-regex -- these characters are removed
const unsendable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}/gu;
const encoder = new TextEncoder();

/** @returns The typed text without white space at its end, empty lines at its start, and control characters. */
export function toSendable(typed: string): string {
  return typed
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(unsendable, '')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
}

/** Measures a result of {@link toSendable}. */
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
