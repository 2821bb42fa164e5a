/** Bun's own server, with its routes and files. `bun bun.js --port=N`. */
import { fileURLToPath } from 'node:url';
import { isOrder, totalOf } from '../servers/order.ts';
import { rows, rowsPage } from './rows-page.js';

const port = Number(process.argv[2].split('=')[1]);
const content = fileURLToPath(new URL('../content', import.meta.url));
const plain = { headers: { 'Content-Type': 'text/plain; charset=utf-8' } };
const html = { headers: { 'Content-Type': 'text/html; charset=utf-8' } };

Bun.serve({
  port,
  hostname: '127.0.0.1',
  routes: {
    '/': () => new Response('Hello, world!', plain),
    '/orders': {
      async POST(request) {
        const order = await request.json().catch(() => undefined);
        if (!isOrder(order)) return new Response('Bad request', { status: 400 });
        return Response.json({ accepted: true, total: totalOf(order), order });
      },
    },
    '/rows': () => new Response(rowsPage('Fifty rows', rows), html),
    '/files/:name': (request) => {
      const { name } = request.params;
      if (name.includes('/') || name.startsWith('.')) return new Response('Not found', { status: 404 });
      return new Response(Bun.file(`${content}/${name}`));
    },
  },
  fetch: () => new Response('Not found', { status: 404 }),
});
