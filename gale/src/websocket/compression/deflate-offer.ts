/**
 * The agreement on compression, both sides of it: the server looks through what a client offers and words the answer; the
 * client words the offer and checks the answer. What both then do with messages is deflating-writer.ts's and
 * message-inflater.ts's. RFC 7692 §5 and §7.1.
 */
import { ProtocolError } from '../../errors.ts';
import type { ExtensionOffer } from '../protocol/header-syntax.ts';

/** What one end does from now on. Context takeover: that a message may refer to those before it, RFC 7692 §7.1.1. */
export interface DeflateAgreement {
  /** Base-2 logarithm of the largest window that we may compress with: 8 to 15. With 8 all is sent as it is. */
  readonly windowBits: number;
  /** The same for the peer. */
  readonly peerWindowBits: number;
  /** Whether our messages may refer to our earlier ones. */
  readonly contextTakeover: boolean;
  /** Whether the peer's may refer to its earlier ones. */
  readonly peerContextTakeover: boolean;
}

/** What a server has agreed to. */
export interface AcceptedDeflate extends DeflateAgreement {
  /** Value of Sec-WebSocket-Extensions in the answer. */
  readonly response: string;
}

/** What the application decides about compression; see `WebSocketOptions` for each property. */
export interface DeflateOptions {
  readonly compress: boolean;
  readonly contextTakeover: boolean;
  readonly maxWindowBits: number;
}

/** The window that RFC 7692 §7.1.2 takes where nobody speaks of one. */
const mostWindowBits = 15;
/** zlib makes no smaller window in raw deflate, though RFC 7692 §7.1.2 lets a peer ask for 8. */
const leastWindowBits = 9;

/** A window size as RFC 7692 §7.1.2 writes it: no sign, no leading zero. */
const windowBitsPattern = /^([89]|1[0-5])$/;

/**
 * The server's part: takes the first offer of permessage-deflate that can be kept.
 *
 * @returns `undefined` if there is none: each has a parameter that is unknown, repeated or malformed, or wants a window of 8.
 */
export function agreeOnDeflate(
  offers: readonly ExtensionOffer[],
  options: Omit<DeflateOptions, 'compress'>,
): AcceptedDeflate | undefined {
  for (const offer of offers) {
    const agreement = offer.name === 'permessage-deflate' ? agreeOnOffer(offer, options) : undefined;
    if (agreement !== undefined) return agreement;
  }
  return undefined;
}

function agreeOnOffer(
  offer: ExtensionOffer,
  { contextTakeover, maxWindowBits }: Omit<DeflateOptions, 'compress'>,
): AcceptedDeflate | undefined {
  const offered = readParameters(offer);
  if (offered === undefined) return undefined;
  const demandedBits = offered.serverWindowBits;
  const windowBits = Math.min(maxWindowBits, demandedBits ?? mostWindowBits);
  if (windowBits < leastWindowBits) return undefined;
  // Only of a client that has named the parameter may a smaller window be asked: §7.1.2.2.
  const hintedBits = offered.clientWindowBits;
  const peerWindowBits =
    hintedBits === undefined
      ? mostWindowBits
      : hintedBits === 'any'
        ? maxWindowBits
        : Math.min(maxWindowBits, hintedBits);
  const agreement = {
    windowBits,
    peerWindowBits,
    // What the client asks for must be answered (§7.1.1.1); the other is a hint that it keeps anyway (§7.1.1.2).
    contextTakeover: contextTakeover && !offered.serverNoContextTakeover,
    peerContextTakeover: contextTakeover && !offered.clientNoContextTakeover,
  };
  const response = ['permessage-deflate'];
  // The server may promise and ask for no context takeover whether or not the client spoke of it.
  if (!agreement.contextTakeover) response.push('server_no_context_takeover');
  if (!agreement.peerContextTakeover) response.push('client_no_context_takeover');
  if (demandedBits !== undefined || windowBits < mostWindowBits) response.push(`server_max_window_bits=${windowBits}`);
  if (peerWindowBits < mostWindowBits) response.push(`client_max_window_bits=${peerWindowBits}`);
  return { ...agreement, response: response.join('; ') };
}

/** The client's part: the value of Sec-WebSocket-Extensions in its request. */
export function deflateOffer({ contextTakeover, maxWindowBits }: Omit<DeflateOptions, 'compress'>): string {
  const offer = ['permessage-deflate'];
  if (!contextTakeover) offer.push('server_no_context_takeover', 'client_no_context_takeover');
  const isSmaller = maxWindowBits < mostWindowBits;
  if (isSmaller) offer.push(`server_max_window_bits=${maxWindowBits}`);
  offer.push(isSmaller ? `client_max_window_bits=${maxWindowBits}` : 'client_max_window_bits');
  return offer.join('; ');
}

/**
 * The client's part: checks what the server has answered to {@link deflateOffer}.
 *
 * @param extensions - Out of Sec-WebSocket-Extensions of the answer; none without that header.
 * @returns `undefined` if the server does not compress.
 * @throws {@link ProtocolError} `WS_HANDSHAKE` if the answer names what was not offered, or does not keep to the offer.
 */
export function readDeflateResponse(
  extensions: readonly ExtensionOffer[],
  { compress, contextTakeover, maxWindowBits }: DeflateOptions,
): DeflateAgreement | undefined {
  const [response, ...others] = extensions;
  if (response === undefined) return undefined;
  if (!compress || response.name !== 'permessage-deflate')
    throw invalidResponse(`agrees on ${response.name}, never offered`);
  if (others.length > 0) throw invalidResponse(`agrees on ${others[0]!.name} besides, never offered`);
  const agreed = readParameters(response);
  if (agreed === undefined || agreed.clientWindowBits === 'any') {
    throw invalidResponse('has a parameter of permessage-deflate that is unknown, repeated or malformed');
  }
  if (!contextTakeover && !agreed.serverNoContextTakeover) throw invalidResponse('lacks server_no_context_takeover');
  const { clientWindowBits = mostWindowBits, serverWindowBits = mostWindowBits } = agreed;
  if (serverWindowBits > maxWindowBits) {
    throw invalidResponse(`allows the server a window of ${serverWindowBits} bits; offered were ${maxWindowBits}`);
  }
  if (agreed.clientWindowBits !== undefined && clientWindowBits > maxWindowBits) {
    throw invalidResponse(`gives the client a window of ${clientWindowBits} bits; offered were ${maxWindowBits}`);
  }
  return {
    windowBits: Math.min(clientWindowBits, maxWindowBits),
    peerWindowBits: serverWindowBits,
    contextTakeover: contextTakeover && !agreed.clientNoContextTakeover,
    peerContextTakeover: contextTakeover && !agreed.serverNoContextTakeover,
  };
}

/** What an offer or an answer says. */
interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverWindowBits: number | undefined;
  /** `any` where it is named without a value, which only an offer may do. */
  readonly clientWindowBits: number | 'any' | undefined;
}

/** `undefined` if a parameter is unknown, repeated or malformed: RFC 7692 §7.1. */
function readParameters({ parameters }: ExtensionOffer): DeflateParameters | undefined {
  const values = new Map<string, string | undefined>();
  for (const [name, value] of parameters) {
    if (values.has(name) || !isParameter(name, value)) return undefined;
    values.set(name, value);
  }
  const serverBits = values.get('server_max_window_bits');
  const clientBits = values.get('client_max_window_bits');
  const isClientNamed = values.has('client_max_window_bits');
  return {
    serverNoContextTakeover: values.has('server_no_context_takeover'),
    clientNoContextTakeover: values.has('client_no_context_takeover'),
    serverWindowBits: serverBits === undefined ? undefined : Number(serverBits),
    clientWindowBits: clientBits !== undefined ? Number(clientBits) : isClientNamed ? 'any' : undefined,
  };
}

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

function invalidResponse(what: string): ProtocolError {
  return new ProtocolError('WS_HANDSHAKE', `Sec-WebSocket-Extensions of the response ${what}.`);
}
