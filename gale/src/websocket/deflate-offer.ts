/**
 * The agreement on compression: looks through the extensions that a client offers, and words the answer.
 * Neither side may keep anything from one message to the next, so nothing is kept per connection, and a message that goes
 * to many is compressed once. RFC 7692 §5 and §7.1.
 */
import type { ExtensionOffer } from './header-syntax.ts';

/** What both sides do from now on. */
export interface DeflateAgreement {
  /** Base-2 logarithm of the largest window that the server may compress with: 9 to 15. */
  readonly windowBits: number;
  /** Value of Sec-WebSocket-Extensions in the answer. */
  readonly answer: string;
}

/** The window that RFC 7692 §7.1.2 takes where nobody speaks of one. */
const mostWindowBits = 15;
/** zlib makes no smaller window in raw deflate, though RFC 7692 §7.1.2.1 lets a client ask for 8. */
const leastWindowBits = 9;

/** A window size as RFC 7692 §7.1.2 writes it: no sign, no leading zero. */
const windowBitsPattern = /^([89]|1[0-5])$/;

/**
 * Takes the first offer of permessage-deflate that can be kept.
 *
 * @returns `undefined` if there is none: each has a parameter that is unknown, repeated or malformed, or wants a window of 8.
 */
export function agreeOnDeflate(offers: readonly ExtensionOffer[]): DeflateAgreement | undefined {
  for (const offer of offers) {
    const agreement = offer.name === 'permessage-deflate' ? agreeOnOffer(offer.parameters) : undefined;
    if (agreement !== undefined) return agreement;
  }
  return undefined;
}

function agreeOnOffer(parameters: ExtensionOffer['parameters']): DeflateAgreement | undefined {
  const seen = new Set<string>();
  let demanded: number | undefined;
  for (const [name, value] of parameters) {
    if (seen.has(name) || !isParameter(name, value)) return undefined;
    seen.add(name);
    if (name === 'server_max_window_bits') demanded = Number(value);
  }
  if (demanded !== undefined && demanded < leastWindowBits) return undefined;
  // The server may promise and ask for no context takeover whether or not the client spoke of it: §7.1.1.1, §7.1.1.2.
  // What a client says of its own window needs no answer: without one any window may come, and any can be inflated.
  const promised = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  return demanded === undefined
    ? { windowBits: mostWindowBits, answer: promised }
    : { windowBits: demanded, answer: `${promised}; server_max_window_bits=${demanded}` };
}

/** Whether an offer may hold this: RFC 7692 §7.1. */
function isParameter(name: string, value: string | undefined): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === undefined;
    case 'client_max_window_bits':
      return value === undefined || windowBitsPattern.test(value);
    case 'server_max_window_bits':
      return value !== undefined && windowBitsPattern.test(value);
    default:
      return false;
  }
}
