/** Runs the two programs of docs/guide/http-server.md. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { programsOf, startProgram } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';
import { root } from './support/repository.ts';

const examples = await programsOf('docs/guide/http-server.md');
const [hello = '', secure = ''] = examples;

test('the server of the guide uses the headers of a proxy on the same machine', async (t) => {
  const { port } = await startProgram(t, hello);
  const url = `http://127.0.0.1:${port}/`;
  assert.equal(await (await fetch(url)).text(), 'Hello, 127.0.0.1, over http\n');
  const headers = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' };
  assert.equal(await (await fetch(url, { headers })).text(), 'Hello, 203.0.113.7, over https\n');
});

test('the TLS server of the guide loads a new certificate at SIGHUP', async (t) => {
  const { port, folder, child } = await startProgram(t, secure, (created) => useCertificate(created, 'first'));
  assert.equal(await certificateAt(t, port), 'first.test');
  await useCertificate(folder, 'second');
  child.kill('SIGHUP');
  await eventually(async () => (await certificateAt(t, port)) === 'second.test');
});

test('the TLS server of the guide logs an invalid new certificate and keeps the old one', async (t) => {
  const { port, folder, child } = await startProgram(t, secure, (created) => useCertificate(created, 'first'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  // The program listens to SIGHUP after it listens to the port.
  assert.equal(await certificateAt(t, port), 'first.test');
  await writeFile(join(folder, 'cert.pem'), 'half a certifi');
  child.kill('SIGHUP');
  await eventually(() => output.includes('The new certificate cannot be used; the previous one stays in use'));
  assert.equal(await certificateAt(t, port), 'first.test');
});

async function useCertificate(folder: string, name: string): Promise<void> {
  for (const part of ['cert', 'key']) {
    await copyFile(`${root}gale/test/fixtures/tls/${name}-${part}.pem`, join(folder, `${part}.pem`));
  }
}

/** Name in the server's certificate, after the server has also sent its response. */
async function certificateAt(t: TestContext, port: number): Promise<unknown> {
  const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subject.CN;
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let response = '';
  for await (const chunk of socket) response += String(chunk);
  assert.match(response, /\r\n\r\nHello, safely\n$/);
  return name;
}
