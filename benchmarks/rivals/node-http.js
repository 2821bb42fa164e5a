/** `node:http`, without a framework. `node node-http.js --port=N`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOrder, totalOf } from '../servers/order.ts';
import { rows, rowsPage } from './rows-page.js';

const port = Number(process.argv[2].split('=')[1]);
const content = fileURLToPath(new URL('../content', import.meta.url));

createServer((request, response) => {
  const { method, url } = request;
  if (method === 'GET' && url === '/') respond(response, 200, 'text/plain; charset=utf-8', 'Hello, world!');
  else if (method === 'POST' && url === '/orders') respondToOrder(request, response);
  else if (method === 'GET' && url === '/rows') {
    respond(response, 200, 'text/html; charset=utf-8', rowsPage('Fifty rows', rows));
  } else if (method === 'GET' && url.startsWith('/files/')) void respondWithFile(url.slice('/files'.length), response);
  else respond(response, 404, 'text/plain; charset=utf-8', 'Not found');
}).listen(port, '127.0.0.1');

function respond(response, status, type, text) {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

function respondToOrder(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    let order;
    try {
      order = JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      order = undefined;
    }
    if (!isOrder(order)) respond(response, 400, 'text/plain; charset=utf-8', 'Bad request');
    else {
      const text = JSON.stringify({ accepted: true, total: totalOf(order), order });
      respond(response, 200, 'application/json; charset=utf-8', text);
    }
  });
}

async function respondWithFile(path, response) {
  try {
    const file = join(content, normalize(decodeURIComponent(path)));
    const { size } = await stat(file);
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': size });
    createReadStream(file).pipe(response);
  } catch {
    respond(response, 404, 'text/plain; charset=utf-8', 'Not found');
  }
}
