/** Sends a server one request before it is measured, and checks that it does the complete work. */
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { isSameBody, requestsOf, type HttpWork } from './works.ts';

/**
 * Sends the first request of the work, byte for byte as the load does.
 *
 * @throws If the response differs from the work's in status, type, length or content.
 */
export async function checkResponse(work: HttpWork, port: number): Promise<void> {
  const [request = Buffer.alloc(0)] = requestsOf(work, port);
  const { head, body } = await ask(port, request);
  const complaint = complaintAbout(work, head, body);
  if (complaint !== undefined) throw new Error(`${complaint}\n\n${head}\n\n${body.toString()}`);
}

function complaintAbout(work: HttpWork, head: string, body: Buffer): string | undefined {
  if (!head.startsWith('HTTP/1.1 200 ')) return 'The status is not 200:';
  const type = field(head, 'content-type')?.split(';')[0];
  if (type !== work.contentType) return `The type is ${type}, not ${work.contentType}:`;
  const coding = field(head, 'content-encoding');
  if (coding !== work.coding) return `The Content-Encoding is ${coding}, not ${work.coding}:`;
  const length = field(head, 'content-length');
  if (length !== String(body.length)) return `Content-Length is ${length}, the body has ${body.length} bytes:`;
  return isSameBody(work, decoded(body, coding)) ? undefined : 'The body differs from the expected one:';
}

function decoded(body: Buffer, coding: string | undefined): Buffer {
  if (coding === 'gzip') return gunzipSync(body);
  if (coding === 'br') return brotliDecompressSync(body);
  return coding === 'zstd' ? zstdDecompressSync(body) : body;
}

/** Reads a response of the length in its head. Without a length, reads until the server closes or is silent for a second. */
function ask(port: number, request: Buffer): Promise<{ head: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      socket.destroy();
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) reject(new Error(`The response has no complete head, only ${received.length} bytes.`));
      else resolve({ head: received.toString('latin1', 0, end), body: received.subarray(end + 4) });
    };
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      const length = end === -1 ? undefined : field(received.toString('latin1', 0, end), 'content-length');
      if (length !== undefined && received.length >= end + 4 + Number(length)) settle();
    });
    socket.on('end', settle);
    socket.on('error', reject);
    socket.setTimeout(1000, settle);
  });
}

function field(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\\s*$`, 'im').exec(head)?.[1];
}
