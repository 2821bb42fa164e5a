/** `node:http` for the benchmark `compress`: the page is compressed at once. `node node-http-compress.js --port=N --coding=gzip`. */
import { createServer } from 'node:http';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressedPage } from '../servers/page.ts';

const [port, coding] = process.argv.slice(2).map((word) => word.split('=')[1]);
const page = compressedPage();
const compress = {
  gzip: (text) => gzipSync(text, { level: 6 }),
  br: (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (text) => zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
}[coding];

createServer((_request, response) => {
  const bytes = compress(page);
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Encoding': coding,
    'Content-Length': bytes.length,
    Vary: 'Accept-Encoding',
  });
  response.end(bytes);
}).listen(Number(port), '127.0.0.1');
