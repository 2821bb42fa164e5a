/**
 * Negotiates permessage-deflate on both ends. The server chooses among the offers of a client; the client builds the offer and
 * checks the response. deflating-writer.ts and message-inflater.ts apply the result. RFC 7692 §5 and §7.1.
 */
import { ProtocolError } from '../../errors.ts';
import type { ExtensionOffer } from '../protocol/header-syntax.ts';

/** The agreed parameters, seen from one end. Context takeover: a message may refer to earlier ones, RFC 7692 §7.1.1. */
export interface DeflateAgreement {
  /** Base-2 logarithm of our largest compression window: 8 to 15. With 8 we send everything uncompressed. */
  readonly windowBits: number;
  /** The same for messages of the peer. */
  readonly peerWindowBits: number;
  /** Whether our messages may refer to our earlier ones. */
  readonly contextTakeover: boolean;
  /** Whether messages of the peer may refer to its earlier ones. */
  readonly peerContextTakeover: boolean;
}

/** An offer that the server has accepted. */
export interface AcceptedDeflate extends DeflateAgreement {
  /** Value of Sec-WebSocket-Extensions in the response. */
  readonly response: string;
}

/** What the application decides about compression; see `WebSocketOptions` for each property. */
export interface DeflateOptions {
  readonly compress: boolean;
  readonly contextTakeover: boolean;
  readonly maxWindowBits: number;
}

/** The window without a parameter, RFC 7692 §7.1.2. */
const defaultWindowBits = 15;
/** The smallest window of zlib in raw deflate; RFC 7692 §7.1.2 allows 8 too. */
const minWindowBits = 9;

/** A window size, RFC 7692 §7.1.2: no sign, no leading zero. */
const windowBitsPattern = /^([89]|1[0-5])$/;

/**
 * On the server: accepts the first valid offer of permessage-deflate.
 *
 * @returns `undefined` if there is none: each has an unknown, repeated or malformed parameter, or requires a window of 8.
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
  const windowBits = Math.min(maxWindowBits, demandedBits ?? defaultWindowBits);
  if (windowBits < minWindowBits) return undefined;
  // The server may limit the window only if the client sent the parameter: §7.1.2.2.
  const hintedBits = offered.clientWindowBits;
  const peerWindowBits =
    hintedBits === undefined
      ? defaultWindowBits
      : hintedBits === 'any'
        ? maxWindowBits
        : Math.min(maxWindowBits, hintedBits);
  const agreement = {
    windowBits,
    peerWindowBits,
    // The server must confirm server_no_context_takeover (§7.1.1.1); the other one is a hint (§7.1.1.2).
    contextTakeover: contextTakeover && !offered.serverNoContextTakeover,
    peerContextTakeover: contextTakeover && !offered.clientNoContextTakeover,
  };
  const response = ['permessage-deflate'];
  // The server may send both parameters even if the client did not.
  if (!agreement.contextTakeover) response.push('server_no_context_takeover');
  if (!agreement.peerContextTakeover) response.push('client_no_context_takeover');
  if (demandedBits !== undefined || windowBits < defaultWindowBits)
    response.push(`server_max_window_bits=${windowBits}`);
  if (peerWindowBits < defaultWindowBits) response.push(`client_max_window_bits=${peerWindowBits}`);
  return { ...agreement, response: response.join('; ') };
}

/** On the client: the value of Sec-WebSocket-Extensions in the request. */
export function deflateOffer({ contextTakeover, maxWindowBits }: Omit<DeflateOptions, 'compress'>): string {
  const offer = ['permessage-deflate'];
  if (!contextTakeover) offer.push('server_no_context_takeover', 'client_no_context_takeover');
  const isSmaller = maxWindowBits < defaultWindowBits;
  if (isSmaller) offer.push(`server_max_window_bits=${maxWindowBits}`);
  offer.push(isSmaller ? `client_max_window_bits=${maxWindowBits}` : 'client_max_window_bits');
  return offer.join('; ');
}

/**
 * On the client: checks the response to {@link deflateOffer}.
 *
 * @param extensions - From Sec-WebSocket-Extensions of the response; empty without that header.
 * @returns `undefined` if the server does not compress.
 * @throws {@link ProtocolError} `WS_HANDSHAKE` if the response contradicts the offer.
 */
export function readDeflateResponse(
  extensions: readonly ExtensionOffer[],
  { compress, contextTakeover, maxWindowBits }: DeflateOptions,
): DeflateAgreement | undefined {
  const [response, ...others] = extensions;
  if (response === undefined) return undefined;
  if (!compress || response.name !== 'permessage-deflate')
    throw invalidResponse(`has ${response.name}, which was not offered`);
  if (others.length > 0) throw invalidResponse(`has also ${others[0]!.name}, which was not offered`);
  const agreed = readParameters(response);
  if (agreed === undefined || agreed.clientWindowBits === 'any') {
    throw invalidResponse('has an unknown, repeated or malformed parameter of permessage-deflate');
  }
  if (!contextTakeover && !agreed.serverNoContextTakeover) throw invalidResponse('lacks server_no_context_takeover');
  const { clientWindowBits = defaultWindowBits, serverWindowBits = defaultWindowBits } = agreed;
  if (serverWindowBits > maxWindowBits) {
    throw invalidResponse(`must limit the window of the server to ${maxWindowBits} bits; got ${serverWindowBits}`);
  }
  if (agreed.clientWindowBits !== undefined && clientWindowBits > maxWindowBits) {
    throw invalidResponse(`must limit the window of the client to ${maxWindowBits} bits; got ${clientWindowBits}`);
  }
  return {
    windowBits: Math.min(clientWindowBits, maxWindowBits),
    peerWindowBits: serverWindowBits,
    contextTakeover: contextTakeover && !agreed.clientNoContextTakeover,
    peerContextTakeover: contextTakeover && !agreed.serverNoContextTakeover,
  };
}

/** The parameters of an offer or a response. */
interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverWindowBits: number | undefined;
  /** `any` for the parameter without a value, which is valid only in an offer. */
  readonly clientWindowBits: number | 'any' | undefined;
}

/** `undefined` for an unknown, repeated or malformed parameter: RFC 7692 §7.1. */
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
