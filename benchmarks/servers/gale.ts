/**
 * Gale for the works without a route in `hello` of examples/: an order in JSON, a page of 50 rows, a file. It uses only the
 * exports of the package. `node gale.ts --port=N`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, HttpError, RequestHandler, StaticFileHandler } from 'gale';
import { isOrder, totalOf } from './order.ts';

const port = Number(process.argv[2]?.split('=')[1]);
const content = fileURLToPath(new URL('../content', import.meta.url));
const rows = JSON.parse(readFileSync(`${content}/rows.json`, 'utf8')) as readonly object[];

class Orders extends RequestHandler {
  async post(): Promise<void> {
    const order = orderOf(await this.request.body.bytes());
    this.write({ accepted: true, total: totalOf(order), order });
  }
}

class Rows extends RequestHandler {
  async get(): Promise<void> {
    await this.render('rows.html', { title: 'Fifty rows', rows });
  }
}

function orderOf(bytes: Buffer): Parameters<typeof totalOf>[0] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new HttpError(400);
  }
  if (!isOrder(value)) throw new HttpError(400);
  return value;
}

const application = new Application(
  [
    ['/orders', Orders],
    ['/rows', Rows],
    ['/files/*path', StaticFileHandler, { init: { root: content } }],
  ],
  { templatePath: content },
);
await application.listen(port, '127.0.0.1');
