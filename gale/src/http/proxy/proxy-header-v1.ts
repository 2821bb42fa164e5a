/**
 * Version 1 of the PROXY protocol: one line of text, such as `PROXY TCP4 192.0.2.1 192.0.2.2 40000 443`.
 * Specification: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, §2.1. proxy-header.ts distinguishes the versions.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ProtocolError } from '../../errors.ts';
import { toShortAddress } from './ip-address.ts';
import type { ProxyHeader } from './proxy-header.ts';

/** Maximum length of the line, CRLF included. */
const maxLineBytes = 107;
const families = ['TCP4', 'TCP6', 'UNKNOWN'];
/** `PROXY`, family, two addresses, two ports. */
const wordCount = 6;

/**
 * Parses a header of version 1, like {@link readProxyHeader}.
 *
 * @throws {@link ProtocolError} `HTTP_PROXY_HEADER`
 */
export function readProxyLine(bytes: Buffer): ProxyHeader | undefined {
  const text = bytes.toString('latin1', 0, maxLineBytes);
  const end = text.indexOf('\r\n');
  // A CR at the end is the first half of the line end, if the line before it is complete.
  const isEnded = end >= 0 || text.endsWith('\r');
  const words = text.slice(0, end >= 0 ? end : text.length - (isEnded ? 1 : 0)).split(' ');
  const isUnknown = words[0] === 'PROXY' && words[1] === 'UNKNOWN' && (isEnded || words.length > 2);
  // "the receiver must ignore anything presented before the CRLF is found"
  if (!isUnknown) checkWords(words, isEnded);
  const isTooLong = text.length === maxLineBytes || (text.length === maxLineBytes - 1 && !isEnded);
  if (end < 0 && isTooLong) throw malformed(`its line exceeds ${maxLineBytes} bytes`);
  if (end < 0) return undefined;
  return {
    byteLength: end + 2,
    remoteAddress: isUnknown ? undefined : toShortAddress(words[2] as string),
    isSecure: false,
  };
}

/** @param isEnded - Whether the last word is complete; otherwise the start of a valid word is accepted. */
function checkWords(words: readonly string[], isEnded: boolean): void {
  const family = words[1];
  for (const [index, word] of words.slice(0, wordCount).entries()) {
    const isWhole = isEnded || index < words.length - 1;
    if (index === 0) check(isWhole ? word === 'PROXY' : 'PROXY'.startsWith(word), word, 'PROXY');
    else if (index === 1) {
      const isFamily = families.some((name) => (isWhole ? name === word : name.startsWith(word)));
      check(isFamily, word, families.join(' or '));
    } else if (index >= 4) check(isPort(word) || (word === '' && !isWhole), word, 'a port of 0 to 65535');
    else if (family === 'TCP4') check(isWhole ? isIPv4(word) : isStartOfIPv4(word), word, 'an IPv4 address');
    else check(isWhole ? isIPv6(word) && !word.includes('%') : isStartOfIPv6(word), word, 'an IPv6 address');
  }
  if (words.length > wordCount || (isEnded && words.length < wordCount)) {
    throw malformed(`its line has ${words.length} words, not ${wordCount}`);
  }
}

function isPort(word: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(word) && Number(word) <= 65535;
}

/** Each prefix of a number up to 255 is such a number too. */
function isStartOfIPv4(word: string): boolean {
  return (
    /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){0,3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)?$/.test(word) && !/\b0\d/.test(word)
  );
}

/** Whether one of the endings makes it an address. There is an ending for each position at which a prefix can end. */
function isStartOfIPv6(word: string): boolean {
  return !word.includes('%') && endingsOfIPv6.some((ending) => isIPv6(word + ending));
}

const endingsOfIPv6 = ['', ':', '::', '0', '0.0.0', '.0.0.0', '0.0', '.0.0', '.0'];

function check(isRight: boolean, word: string, expected: string): void {
  if (!isRight) throw malformed(`${JSON.stringify(word)} is not ${expected}`);
}

function malformed(why: string): ProtocolError {
  return new ProtocolError(
    'HTTP_PROXY_HEADER',
    `Malformed PROXY header: ${why}; configure the proxy to send a header, or turn proxyProtocol off.`,
  );
}
