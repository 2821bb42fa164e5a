/** Hono on Node.js, with its own server and its own static files. `node hono.js --port=N`. */
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { isOrder, totalOf } from '../servers/order.ts';
import { rows, rowsPage } from './rows-page.js';

const port = Number(process.argv[2].split('=')[1]);

const app = new Hono();
app.get('/', (c) => c.text('Hello, world!'));
app.post('/orders', async (c) => {
  const order = await c.req.json().catch(() => undefined);
  if (!isOrder(order)) return c.text('Bad request', 400);
  return c.json({ accepted: true, total: totalOf(order), order });
});
app.get('/rows', (c) => c.html(rowsPage('Fifty rows', rows)));
app.use(
  '/files/*',
  serveStatic({
    root: fileURLToPath(new URL('../content', import.meta.url)),
    rewriteRequestPath: (path) => path.slice('/files'.length),
  }),
);
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
