/**
 * Parses the header of the PROXY protocol, versions 1 (a line of text) and 2 (binary). A proxy sends it at the start of a connection to report
 * the client. The server decides which connections must begin with a header.
 * Specification: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, §2.1 and §2.2.
 */
import { ProtocolError } from '../../errors.ts';
import { crc32c } from './crc32c.ts';
import { toShortAddress } from './ip-address.ts';
import { readProxyLine } from './proxy-header-v1.ts';

/** What a proxy reports about a connection. */
export interface ProxyHeader {
  /** Bytes of the header. */
  readonly byteLength: number;
  /** Address of the client; undefined for a connection of the proxy itself and for an unknown client (LOCAL, UNKNOWN, AF_UNSPEC, AF_UNIX). */
  readonly remoteAddress: string | undefined;
  /** Whether the client uses TLS, from PP2_TYPE_SSL of version 2. */
  readonly isSecure: boolean;
}

/** §2.2: 12 bytes with which no other protocol begins. */
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** Signature, version and command, family, length. */
const fixedBytes = 16;
/** Maximum size of the block after them. A certificate among the TLVs fits; proxies need no more. */
const maxBlockBytes = 4096;
/** Bytes of the addresses by family: AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX. */
const addressBytes = [0, 12, 36, 216];
const [INET, INET6] = [1, 2];
const [LOCAL, PROXY] = [0, 1];
/** §2.2.4 and §2.2.6 */
const PP2_TYPE_CRC32C = 0x03;
const PP2_TYPE_SSL = 0x20;
const PP2_CLIENT_SSL = 0x01;

/**
 * Parses the header at the front of `bytes`. It throws at the first invalid byte; the TLVs of version 2 are validated once the header is
 * complete.
 *
 * @param bytes - All bytes received so far; not kept, not changed.
 * @returns The header, or `undefined` while it is incomplete.
 * @throws {@link ProtocolError} `HTTP_PROXY_HEADER`
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length === 0) return undefined;
  return bytes[0] === signature[0] ? readBinary(bytes) : readProxyLine(bytes);
}

function readBinary(bytes: Buffer): ProxyHeader | undefined {
  const [command, family] = checkFixed(bytes);
  if (bytes.length < fixedBytes) return undefined;
  const blockBytes = bytes.readUInt16BE(14);
  if (blockBytes > maxBlockBytes) throw tooLong(blockBytes);
  const usedBytes = command === PROXY ? (addressBytes[family] as number) : 0;
  if (blockBytes < usedBytes) {
    throw malformed(`${blockBytes} bytes are too few for the addresses of family ${family} (${usedBytes})`);
  }
  const byteLength = fixedBytes + blockBytes;
  if (bytes.length < byteLength) return undefined;
  const header = bytes.subarray(0, byteLength);
  // "the receiver must use the real connection endpoints and must discard the protocol block"
  if (usedBytes === 0) return { byteLength, remoteAddress: undefined, isSecure: false };
  const isSecure = readVectors(header, fixedBytes + usedBytes);
  return { byteLength, remoteAddress: readAddress(header, family), isSecure };
}

/** Validates the fixed bytes, each as soon as it has arrived. */
function checkFixed(bytes: Buffer): [command: number, family: number] {
  const length = Math.min(bytes.length, signature.length);
  if (bytes.compare(signature, 0, length, 0, length) !== 0) throw malformed('its first bytes are not the signature');
  const [version = 0x20, kind = 0, lengthHigh = 0] = bytes.subarray(signature.length, fixedBytes);
  const command = version & 0x0f;
  if (version >> 4 !== 2) throw malformed(`its version is ${version >> 4}, not 2`);
  if (command !== LOCAL && command !== PROXY) throw malformed(`its command is ${command}, not LOCAL or PROXY`);
  if (lengthHigh * 256 > maxBlockBytes) throw tooLong(lengthHigh * 256);
  if (command === LOCAL) return [command, 0];
  const [family, transport] = [kind >> 4, kind & 0x0f];
  // A client of HTTP/3 has a datagram transport; only the address matters here.
  if (family > 3 || transport > 2) throw malformed(`its family is 0x${kind.toString(16).padStart(2, '0')}`);
  return [command, transport === 0 ? 0 : family];
}

function readAddress(header: Buffer, family: number): string | undefined {
  const at = fixedBytes;
  if (family === INET) return header.subarray(at, at + 4).join('.');
  if (family === INET6) {
    const groups = header.toString('hex', at, at + 16).match(/.{4}/g) ?? [];
    return toShortAddress(groups.join(':'));
  }
  return undefined;
}

/** Validates the TLVs. Returns whether the client uses TLS. */
function readVectors(header: Buffer, from: number): boolean {
  const seen = new Set<number>();
  let isSecure = false;
  for (const [type, value] of vectorsOf(header.subarray(from))) {
    if (type !== PP2_TYPE_CRC32C && type !== PP2_TYPE_SSL) continue;
    if (seen.has(type)) throw malformed(`it has the TLV ${type} twice`);
    seen.add(type);
    if (type === PP2_TYPE_CRC32C) {
      checkSum(header, value);
    } else {
      // One byte of flags, four bytes for the result of certificate verification, then TLVs.
      if (value.length < 5) throw malformed(`its TLV of TLS has ${value.length} bytes, not 5 or more`);
      for (const _ of vectorsOf(value.subarray(5)));
      isSecure = ((value[0] as number) & PP2_CLIENT_SSL) !== 0;
    }
  }
  return isSecure;
}

function* vectorsOf(bytes: Buffer): Generator<[type: number, value: Buffer]> {
  for (let at = 0; at < bytes.length;) {
    const to = at + 3 <= bytes.length ? at + 3 + bytes.readUInt16BE(at + 1) : Infinity;
    if (to > bytes.length) throw malformed('a TLV is longer than the remaining bytes');
    yield [bytes[at] as number, bytes.subarray(at + 3, to)];
    at = to;
  }
}

/** The checksum covers the whole header, with zeros in place of the checksum itself. */
function checkSum(header: Buffer, value: Buffer): void {
  if (value.length !== 4) throw malformed(`its checksum has ${value.length} bytes, not 4`);
  const zeroed = Buffer.from(header);
  const at = value.byteOffset - header.byteOffset;
  zeroed.fill(0, at, at + 4);
  if (crc32c(zeroed) !== value.readUInt32BE(0)) throw malformed('its checksum is wrong');
}

function tooLong(bytes: number): ProtocolError {
  return malformed(`its block has ${bytes} bytes or more, over the limit of ${maxBlockBytes}`);
}

function malformed(why: string): ProtocolError {
  return new ProtocolError('HTTP_PROXY_HEADER', `Malformed PROXY header: ${why}; fix the proxy that sends it.`);
}
