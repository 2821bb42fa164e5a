/**
 * Counts the connections of each address, so that one client cannot use all of them. An IPv6 network of 64 bits counts as one address, since
 * one client has all of it. Addresses without a connection use no memory.
 */
import type { Socket } from 'node:net';
import { acceptedSocket } from './accepted-socket.ts';
import { isLoopbackNetwork, toNetwork } from '../proxy/ip-address.ts';
import type { ProxyHeader } from '../proxy/proxy-header.ts';
import type { TrustedProxies } from '../proxy/trusted-proxies.ts';

/** Settings of an {@link AddressLimit}. */
export interface AddressLimitSettings {
  /** Maximum connections of one address; 0 means no limit. */
  readonly maxConnectionsPerAddress: number;
  /** Whether loopback connections count too. */
  readonly limitsLoopback: boolean;
  readonly trustedProxies: TrustedProxies | undefined;
}

/** Counts the connections of a server by address. */
export class AddressLimit {
  readonly #settings: AddressLimitSettings;
  readonly #entries: Map<string, AddressEntry> = new Map();

  constructor(settings: AddressLimitSettings) {
    this.#settings = settings;
  }

  /** Number of addresses with a counted connection. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Counts a connection until {@link leaveAddress} is called with its socket.
   *
   * @param proxied - The PROXY header; its address counts then, not that of the proxy.
   * @returns The address, if it has reached the limit; the connection is not counted then.
   */
  enter(socket: Socket, proxied: ProxyHeader | undefined): string | undefined {
    const { maxConnectionsPerAddress, limitsLoopback, trustedProxies } = this.#settings;
    if (maxConnectionsPerAddress === 0) return undefined;
    const address = proxied === undefined ? takeAddress(socket) : (proxied.remoteAddress ?? '');
    // Unix sockets have no address, nor have connections of a proxy itself.
    if (address === '' || trustedProxies?.has(address) === true) return undefined;
    const network = toNetwork(address);
    if (!limitsLoopback && isLoopbackNetwork(network)) return undefined;
    let entry = this.#entries.get(network);
    if (entry === undefined) {
      entry = { count: 0, network, entries: this.#entries };
      this.#entries.set(network, entry);
    }
    if (entry.count >= maxConnectionsPerAddress) return address;
    entry.count++;
    (socket as CountedSocket)[entryKey] = entry;
    return undefined;
  }
}

/** Stops counting a connection; does nothing if it is not counted. */
export function leaveAddress(socket: Socket): void {
  const counted = socket as CountedSocket;
  const entry = counted[entryKey];
  if (entry === undefined) return;
  counted[entryKey] = undefined;
  if (--entry.count === 0) entry.entries.delete(entry.network);
}

interface AddressEntry {
  count: number;
  readonly network: string;
  readonly entries: Map<string, AddressEntry>;
}

const entryKey: unique symbol = Symbol('AddressEntry');

interface CountedSocket extends Socket {
  [entryKey]?: AddressEntry | undefined;
}

/** Reads the address of a socket and removes it from the cache of Node.js, which would use 90 bytes for each connection. */
function takeAddress(socket: Socket): string {
  const accepted = acceptedSocket(socket);
  const address = accepted.remoteAddress ?? '';
  Reflect.set(accepted, '_peername', undefined);
  return address;
}
