/** Fastify with its plugin for the benchmark `compress`. `node fastify-compress.js --port=N --coding=gzip`. */
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import fastify from 'fastify';
import { compressedPage } from '../servers/page.ts';

const [port, coding] = process.argv.slice(2).map((word) => word.split('=')[1]);
const page = compressedPage();
const app = fastify();
await app.register(compress, {
  encodings: [coding],
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  // The plugin has one object for gzip and zstd.
  zlibOptions: coding === 'zstd' ? { params: { [constants.ZSTD_c_compressionLevel]: 3 } } : { level: 6 },
});
app.get('/page', (_request, reply) => {
  reply.type('text/html; charset=utf-8').send(page);
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
