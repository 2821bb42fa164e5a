/** Certificates and clients for tests of TLS. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions as TlsConnectOptions, TLSSocket } from 'node:tls';

const fixtures = new URL('../../fixtures/tls/', import.meta.url);

/** One of two certificates with its key. */
export async function certificate(name: 'first' | 'second'): Promise<{ cert: string; key: string }> {
  const read = (file: string): Promise<string> => readFile(new URL(`${name}-${file}.pem`, fixtures), 'utf8');
  return { cert: await read('cert'), key: await read('key') };
}

/** A client of a TLS server that checks no certificate; ends with the test. */
export async function secure(t: TestContext, port: number, options: TlsConnectOptions = {}): Promise<TLSSocket> {
  const ALPNProtocols = ['h2', 'http/1.1'];
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols, ...options });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** All bytes until the connection ends. */
export async function everything(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}
