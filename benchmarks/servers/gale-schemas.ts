/**
 * Gale for the work `validation`: an order in JSON, checked by `this.body(schema)` with one of three libraries. It uses only the exports of
 * the package. `node gale-schemas.ts --port=N --schema=zod`.
 */
import { Application, RequestHandler } from 'gale';
import { orderSchemas } from './order-schemas.ts';
import { totalOf } from './order.ts';

const [port, name] = process.argv.slice(2).map((word) => word.split('=')[1]);
const schema = orderSchemas[name as keyof typeof orderSchemas];

class Orders extends RequestHandler {
  async post(): Promise<void> {
    const order = await this.body(schema);
    this.write({ accepted: true, total: totalOf(order), order });
  }
}

await new Application([['/orders', Orders]]).listen(Number(port), '127.0.0.1');
