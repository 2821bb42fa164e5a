/** The HTTP server alone, without the framework: what comes in goes out. */
import { HttpServer, type HttpServerOptions } from 'gale';

/** Every method at every path reads the whole body and answers 200 with it. */
export function createHttpEcho(options: HttpServerOptions): HttpServer {
  return new HttpServer(async (request, response) => {
    const type = request.headers.get('content-type') ?? 'application/octet-stream';
    response.send(200, [['Content-Type', type]], await request.body.bytes());
  }, options);
}
