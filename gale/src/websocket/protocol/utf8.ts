/**
 * Validates UTF-8 that arrives in parts, and fails at the first byte that makes it invalid.
 * A message in one part does not need this. RFC 3629 §4; RFC 6455 §8.1.
 */
import { isUtf8 } from 'node:buffer';
import { ProtocolError } from '../../errors.ts';

/** Validates the parts of one text. */
export class Utf8Check {
  /** Bytes of an incomplete character: at most 3, valid so far. */
  #open = 0;
  #begun: Uint8Array | undefined;

  /** Whether the text may end here: no character is incomplete. */
  get isComplete(): boolean {
    return this.#open === 0;
  }

  /**
   * Adds the next part; not kept, not changed.
   *
   * @returns `false` as soon as no continuation could make the text valid. Do not call it again then.
   */
  push(piece: Uint8Array): boolean {
    let start = 0;
    if (this.#open > 0) {
      const begun = this.#begun!;
      const size = characterBytes(begun[0]!);
      while (this.#open < size && start < piece.length) {
        begun[this.#open++] = piece[start++]!;
      }
      const begunBytes = begun.subarray(0, this.#open);
      if (this.#open < size) return isValidBeginning(begunBytes);
      if (!isUtf8(begunBytes)) return false;
      this.#open = 0;
    }
    const end = piece.length - openBytes(piece, start);
    if (end > start && !isUtf8(piece.subarray(start, end))) return false;
    if (end === piece.length) return true;
    this.#begun ??= new Uint8Array(4);
    this.#begun.set(piece.subarray(end));
    this.#open = piece.length - end;
    return isValidBeginning(this.#begun.subarray(0, this.#open));
  }
}

/**
 * Decodes a whole text.
 *
 * @throws {@link ProtocolError} `WS_UTF8` (1007).
 */
export function decodeText(payload: Buffer): string {
  const text = payload.toString();
  // Invalid UTF-8 decodes to U+FFFD, so the check runs only if the text has one.
  if (text.includes('\uFFFD') && !isUtf8(payload)) throw new ProtocolError('WS_UTF8', 'Text message is not UTF-8.');
  return text;
}

/** Number of bytes at the end of `piece` that begin an incomplete character. */
function openBytes(piece: Uint8Array, start: number): number {
  const earliest = Math.max(start, piece.length - 3);
  for (let i = piece.length - 1; i >= earliest; i--) {
    const byte = piece[i]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterBytes(byte) > piece.length - i ? piece.length - i : 0;
  }
  return 0;
}

/** Bytes of the character with this first byte; 1 for an invalid first byte, which the full check rejects. */
function characterBytes(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  return 1;
}

/** Whether these 1 to 3 bytes can be the beginning of a longer character: RFC 3629 §4. */
function isValidBeginning(begun: Uint8Array): boolean {
  const lead = begun[0]!;
  const second = begun[1];
  if (second === undefined) return true;
  // The second byte shows overlong forms, surrogates and code points above U+10FFFF.
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return false;
  const third = begun[2];
  return third === undefined || (third & 0xc0) === 0x80;
}
