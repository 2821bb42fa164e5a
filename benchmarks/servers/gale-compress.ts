/**
 * Gale for the benchmark `compress`: a page of 30 KB through the middleware `compress()`. It uses only the exports of the package.
 * `node gale-compress.ts --port=N`.
 */
import { Application } from 'gale';
import { compress } from 'gale/middleware';
import { compressedPage } from './page.ts';

const port = Number(process.argv[2]?.split('=')[1]);
const page = compressedPage();

const application = new Application(
  [
    [
      '/page',
      (_, handler) => {
        handler.setHeader('Content-Type', 'text/html; charset=utf-8');
        return page;
      },
    ],
  ],
  { middleware: [compress({ gzipLevel: 6, brotliQuality: 4, zstdLevel: 3 })] },
);
await application.listen(port, '127.0.0.1');
