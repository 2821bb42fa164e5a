/**
 * How many connections each address has, so that one alone cannot take all of them. An IPv6 network of 64 bits counts as one address,
 * since whoever has one address of it has all. Addresses without a connection take no memory.
 */
import type { Socket } from 'node:net';
import { acceptedSocket } from './accepted-socket.ts';
import { isLoopbackNetwork, toNetwork } from '../proxy/ip-address.ts';
import type { ProxyHeader } from '../proxy/proxy-header.ts';
import type { TrustedProxies } from '../proxy/trusted-proxies.ts';

/** The settings that an {@link AddressLimit} obeys. */
export interface AddressLimitSettings {
  /** Most connections of one address; 0 is any number. */
  readonly maxConnectionsPerAddress: number;
  /** Whether connections of this machine count too. */
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

  /** Addresses that have a connection that counts. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Counts a connection until {@link leaveAddress} of its socket.
   *
   * @param proxied - What the PROXY protocol said of it: its address counts then, not the proxy's.
   * @returns The address, if it has as many connections as it may have; the connection is not counted then.
   */
  enter(socket: Socket, proxied: ProxyHeader | undefined): string | undefined {
    const { maxConnectionsPerAddress, limitsLoopback, trustedProxies } = this.#settings;
    if (maxConnectionsPerAddress === 0) return undefined;
    const address = proxied === undefined ? takeAddress(socket) : (proxied.remoteAddress ?? '');
    // Unix sockets have none, nor have connections that a proxy opens for itself.
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

/** Counts a connection no longer; does nothing for one that is not counted. */
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

/** Asks a socket for its address, and lets Node.js not remember it: that would take 90 bytes for each connection. */
function takeAddress(socket: Socket): string {
  const accepted = acceptedSocket(socket);
  const address = accepted.remoteAddress ?? '';
  Reflect.set(accepted, '_peername', undefined);
  return address;
}
