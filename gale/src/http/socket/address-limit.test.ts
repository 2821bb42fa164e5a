import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { Logger } from '../../run/log.ts';
import { AddressLimit, leaveAddress } from './address-limit.ts';
import type { AddressLimitSettings } from './address-limit.ts';
import { toNetwork } from '../proxy/ip-address.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { resolveServerOptions } from '../options/server-options.ts';
import { eventually, requestText, serve } from '../../../test/support/http/http-server.ts';
import { TrustedProxies } from '../proxy/trusted-proxies.ts';

const plain = [['Content-Type', 'text/plain']] as const;
const ask = requestText('GET /');

function respond(request: HttpRequest, response: HttpResponse): void {
  if (request.path === '/upgrade') void request.upgrade().socket.write('taken');
  else response.send(200, plain, 'x');
}

function fail(): never {
  assert.fail('an error was logged');
}

/** A log that collects warnings, and fails on errors. */
function warningsOf(): { log: Logger; warnings: { fields: object; message: string }[] } {
  const warnings: { fields: object; message: string }[] = [];
  return {
    warnings,
    log: { debug() {}, info() {}, error: fail, warn: (fields, message) => void warnings.push({ fields, message }) },
  };
}

/** A socket with an address and nothing else. */
function socketFrom(remoteAddress: string | undefined): Socket {
  return { remoteAddress } as Socket;
}

function limitOf(settings: Partial<AddressLimitSettings>): AddressLimit {
  return new AddressLimit({
    maxConnectionsPerAddress: 2,
    limitsLoopback: false,
    trustedProxies: undefined,
    ...settings,
  });
}

/** Results of three connections of one address. */
function repeat(limit: AddressLimit, address: string): (string | undefined)[] {
  return Array.from({ length: 3 }, () => limit.enter(socketFrom(address), undefined));
}

function readFixture(name: string): Promise<string> {
  return readFile(new URL(`../../../test/fixtures/tls/first-${name}.pem`, import.meta.url), 'utf8');
}

test('uses the whole IPv4 address and the first 64 bits of an IPv6 address as network', () => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0DB8:0000:1:0:2:3:4', '2001:db8:0:1'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8::2:0:0:1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
  ] as const) {
    assert.equal(toNetwork(address), network, address);
  }
});

test('counts connections of one network together until they close, and then stores nothing', () => {
  const limit = limitOf({});
  const sockets = ['2001:db8::1', '2001:db8::2', '192.0.2.7', '::ffff:192.0.2.7'].map(socketFrom);
  for (const socket of sockets) assert.equal(limit.enter(socket, undefined), undefined);
  assert.equal(limit.enter(socketFrom('2001:db8::3'), undefined), '2001:db8::3');
  assert.equal(limit.enter(socketFrom('192.0.2.7'), undefined), '192.0.2.7');
  assert.equal(limit.enter(socketFrom('192.0.2.8'), undefined), undefined);
  assert.equal(limit.size, 3);
  leaveAddress(sockets[0] as Socket);
  leaveAddress(sockets[0] as Socket);
  assert.equal(limit.enter(sockets[0] as Socket, undefined), undefined, 'one has left');
  assert.equal(limit.enter(socketFrom('2001:db8::3'), undefined), '2001:db8::3', 'it left once');
  for (const socket of sockets) leaveAddress(socket);
  assert.equal(limit.size, 1);
});

test('does not count trusted proxies, Unix sockets and, by default, loopback connections', () => {
  const none = [undefined, undefined, undefined];
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.deepEqual(repeat(limitOf({}), address), none);
    assert.deepEqual(repeat(limitOf({ limitsLoopback: true }), address), [undefined, undefined, address]);
  }
  assert.deepEqual(repeat(limitOf({ limitsLoopback: true }), ''), none);
  const trustedProxies = new TrustedProxies(['10.0.0.0/8']);
  assert.deepEqual(repeat(limitOf({ trustedProxies }), '10.1.2.3'), none);
  assert.deepEqual(repeat(limitOf({ trustedProxies }), '192.0.2.7'), [undefined, undefined, '192.0.2.7']);
  assert.deepEqual(repeat(limitOf({ maxConnectionsPerAddress: 0 }), '192.0.2.7'), none);
});

test('allows 1,024 connections by default, and any number from loopback', () => {
  const { maxConnectionsPerAddress, limitsLoopback } = resolveServerOptions({});
  assert.deepEqual([maxConnectionsPerAddress, limitsLoopback], [1024, false]);
  assert.equal(resolveServerOptions({ maxConnectionsPerAddress: 5 }).limitsLoopback, true);
});

test('responds 503 over the limit of an address until another connection closes, upgraded ones included', async (t) => {
  const { log, warnings } = warningsOf();
  const { connect, server } = await serve(t, respond, { maxConnectionsPerAddress: 2, log });
  const [first, second] = [await connect(), await connect()];
  await first.send(ask);
  assert.equal((await first.readResponse()).status, 200);
  await second.send(requestText('GET /upgrade'));
  await second.until((received) => received === 'taken');
  for (let count = 0; count < 3; count++) {
    const { status, body, headers } = await (await connect()).readResponse();
    assert.equal(status, 503);
    assert.match(body, /Your address has 2 connections already/);
    assert.equal(headers.get('connection'), 'close');
  }
  second.socket.destroy();
  await eventually(() => server.connectionCount < 5);
  await eventually(async () => {
    const again = await connect();
    await again.send(ask);
    const { status } = await again.readResponse();
    return status === 200;
  });
  await first.send(ask);
  assert.equal((await first.readResponse()).status, 200, 'earlier connections are still served');
  assert.deepEqual(warnings, [
    {
      fields: { address: '127.0.0.1', count: 1 },
      message: 'Connections refused: an address has reached maxConnectionsPerAddress',
    },
  ]);
});

test('counts the address in the PROXY header, not that of the proxy', async (t) => {
  const { log } = warningsOf();
  const { connect } = await serve(t, respond, { maxConnectionsPerAddress: 1, proxyProtocol: true, log });
  const statusFor = async (address: string): Promise<number> => {
    const client = await connect();
    const family = address.includes(':') ? 'TCP6' : 'TCP4';
    const server = family === 'TCP6' ? '2001:db8:ffff::1' : '198.51.100.1';
    await client.send(`PROXY ${family} ${address} ${server} 4000 80\r\n${ask}`);
    return (await client.readResponse()).status;
  };
  assert.equal(await statusFor('192.0.2.1'), 200);
  assert.equal(await statusFor('192.0.2.1'), 503);
  assert.equal(await statusFor('192.0.2.2'), 200);
  assert.equal(await statusFor('2001:db8::1'), 200);
  assert.equal(await statusFor('2001:db8::2'), 503);
  assert.equal(await statusFor('2001:db8:0:1::1'), 200);
});

test('does not count connections of a trusted proxy for its address', async (t) => {
  const { connect } = await serve(t, respond, { maxConnectionsPerAddress: 1, trustedProxies: ['loopback'] });
  for (let count = 0; count < 4; count++) {
    const client = await connect();
    await client.send(ask);
    assert.equal((await client.readResponse()).status, 200);
  }
});

test('closes a TLS connection over the limit before its handshake, until another closes', async (t) => {
  const tls = { cert: await readFixture('cert'), key: await readFixture('key') };
  const { log } = warningsOf();
  const { port, server } = await serve(t, respond, { maxConnectionsPerAddress: 1, tls, log });
  const open = (): Promise<'open' | 'closed'> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    return new Promise((resolve) => {
      socket.once('secureConnect', () => resolve('open'));
      socket.once('close', () => resolve('closed'));
    });
  };
  const first = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(first, 'secureConnect');
  assert.equal(await open(), 'closed');
  first.destroy();
  await eventually(() => server.connectionCount === 0);
  await eventually(async () => (await open()) === 'open');
});
