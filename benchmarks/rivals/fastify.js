/** Fastify with its schemas, which validate the body and serialize the response. `node fastify.js --port=N`. */
import { fileURLToPath } from 'node:url';
import serveFiles from '@fastify/static';
import fastify from 'fastify';
import { totalOf } from '../servers/order.ts';
import { rows, rowsPage } from './rows-page.js';

const port = Number(process.argv[2].split('=')[1]);
const text = (maxLength) => ({ type: 'string', minLength: 1, maxLength });
const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties) });

const order = object({
  id: text(64),
  customer: object({ name: text(100), email: { ...text(200), pattern: '@' }, city: text(100) }),
  express: { type: 'boolean' },
  lines: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: object({
      sku: text(40),
      title: text(100),
      quantity: { type: 'integer', minimum: 1, maximum: 1000 },
      cents: { type: 'integer', minimum: 0, maximum: 100_000_000 },
    }),
  },
});
const accepted = object({ accepted: { type: 'boolean' }, total: { type: 'integer' }, order });

const app = fastify();
app.register(serveFiles, { root: fileURLToPath(new URL('../content', import.meta.url)), prefix: '/files/' });
app.get('/', (_request, reply) => {
  reply.type('text/plain; charset=utf-8').send('Hello, world!');
});
app.post('/orders', { schema: { body: order, response: { 200: accepted } } }, (request, reply) => {
  reply.send({ accepted: true, total: totalOf(request.body), order: request.body });
});
app.get('/rows', (_request, reply) => {
  reply.type('text/html; charset=utf-8').send(rowsPage('Fifty rows', rows));
});
await app.listen({ port, host: '127.0.0.1' });
