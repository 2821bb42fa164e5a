/** The HTTP server without the framework: it sends back each body. */
import { HttpServer } from 'gale';
import type { HttpServerOptions } from 'gale/http';

/** Every method at every path reads the complete body and responds with 200 and the same body. */
export function createHttpEcho(options: HttpServerOptions): HttpServer {
  return new HttpServer(async (request, response) => {
    const type = request.headers.get('content-type') ?? 'application/octet-stream';
    response.send(200, [['Content-Type', type]], await request.body.bytes());
  }, options);
}
