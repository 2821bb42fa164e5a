/**
 * The program of measured-server.ts: an HTTP server alone in its process, so that all resources of the process belong to the server.
 * Start it with `--expose-gc`.
 */
import { once } from 'node:events';
import { HttpServer } from '../../../src/http/server.ts';
import type { HttpRequest } from '../../../src/http/request.ts';
import type { HttpResponse } from '../../../src/http/response.ts';
import { reportMeasurements } from './measured-process.ts';

const plain = [['Content-Type', 'text/plain']] as const;
/** A gigabyte, which is more than the buffers of an unread connection take. */
const endlessParts = 16_384;

let running = 0;
let full = 0;
let complaints = 0;
const complain = (): void => void complaints++;
const log = { debug() {}, info() {}, warn: complain, error: complain };

/**
 * `/endless` responds in parts as fast as the client reads them. `/unfinished` sends one part and nothing more while the client is
 * connected. Other paths respond with the length of the body.
 */
async function respond(request: HttpRequest, response: HttpResponse): Promise<void> {
  running++;
  try {
    if (request.path === '/endless') {
      response.start(200, plain);
      for (let part = 0; part < endlessParts; part++) {
        full++;
        await response.write(Buffer.alloc(65_536)).finally(() => full--);
      }
      await response.end();
    } else if (request.path === '/unfinished') {
      response.start(200, plain);
      await response.write('x');
      await once(request.signal, 'abort');
    } else {
      const body = await request.body.bytes();
      response.send(200, plain, String(body.length));
    }
  } finally {
    running--;
  }
}

const server = new HttpServer(respond, { log });

reportMeasurements(server, () => ({ running, full, complaints }));

const { port } = await server.listen(0, '127.0.0.1');
process.send?.(port);
