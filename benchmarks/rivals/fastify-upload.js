/** Fastify with its plugin for the benchmark `upload`. `node fastify-upload.js --port=N`. */
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import fastify from 'fastify';

const port = Number(process.argv[2].split('=')[1]);
const limit = 1024 ** 3;
const app = fastify({ bodyLimit: limit });
app.register(multipart, { limits: { fileSize: limit } });
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits handlers; Express does not.
app.post('/disk', async (request) => {
  const { files } = await request.saveRequestFiles();
  const [file] = files;
  const path = join(tmpdir(), 'moved');
  await rename(file.filepath, path);
  await rm(path);
  return { size: file.file.bytesRead };
});
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- As above.
app.post('/stream', async (request) => {
  let size = 0;
  for await (const part of request.parts()) for await (const piece of part.file) size += piece.length;
  return { size };
});
await app.listen({ port, host: '127.0.0.1' });
