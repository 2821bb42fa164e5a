/** The rival that everybody has: `node:http`. */
import { createServer } from 'node:http';

const port = Number(process.argv[2]?.split('=')[1]);

createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '13' });
  response.end('Hello, world!');
}).listen(port, '127.0.0.1');
