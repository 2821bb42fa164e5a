/**
 * A server with one path for each kind of response, alone in its process, for unread-responses.slow-test.ts. Start it with `--expose-gc`.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import {
  Application,
  DictLoader,
  HttpServer,
  RequestHandler,
  StaticFileHandler,
  WebSocketHandler,
} from '../../../src/index.ts';
import type { WebSocketOptions } from '../../../src/websocket.ts';
import { reportMeasurements } from './measured-process.ts';
import { unreadSocketPath } from './unread-socket-path.ts';

const kilobyte = 1024;
/** It cannot be compressed. */
const largeMessage = randomBytes(16 * kilobyte);
/** Number of handler calls, so that a test can wait until it is stable. */
let begun = 0;
let complaints = 0;
const log = { debug() {}, info() {}, warn: () => void complaints++, error: () => void complaints++ };

/** A number of the query. */
function numberOf(handler: RequestHandler, name: string, fallback: number): number {
  return Number(handler.getQueryArgument(name, String(fallback)));
}

class Counted extends RequestHandler {
  override initialize(): void {
    begun++;
  }
}

class Text extends Counted {
  get(): void {
    this.write('x'.repeat(numberOf(this, 'bytes', 16)));
  }
}

class WideText extends Counted {
  get(): void {
    this.write('ж'.repeat(numberOf(this, 'bytes', 16) / 2));
  }
}

class Bytes extends Counted {
  get(): void {
    this.write(Buffer.alloc(numberOf(this, 'bytes', 16)));
  }
}

class Parts extends Counted {
  get(): void {
    for (let part = 0; part < numberOf(this, 'parts', 1); part++) this.write(Buffer.alloc(numberOf(this, 'bytes', 16)));
  }
}

class Json extends Counted {
  get(): void {
    this.write({ text: 'x'.repeat(numberOf(this, 'bytes', 16)) });
  }
}

const loader = new DictLoader({ 'page.html': '{% for row in rows %}<p>{{ row }}</p>\n{% end %}' });

class Page extends Counted {
  get(): void {
    const rows = Array.from({ length: numberOf(this, 'rows', 50) }, (_, row) => `row ${row}`);
    this.write(loader.load('page.html').generate({ rows }));
  }
}

/** Streams and waits for the client, part by part. */
class Waiting extends Counted {
  async get(): Promise<void> {
    for (let part = 0; part < numberOf(this, 'parts', 1000); part++) {
      this.write(Buffer.alloc(numberOf(this, 'bytes', 64 * kilobyte)));
      await this.flush();
    }
  }
}

/** Streams without waiting. */
class Hasty extends Counted {
  async get(): Promise<void> {
    for (let part = 0; part < numberOf(this, 'parts', 16); part++) {
      this.write(Buffer.alloc(numberOf(this, 'bytes', 16 * kilobyte)));
      void this.flush();
    }
  }
}

/** Responds after a turn of the event loop. */
class Late extends Counted {
  async get(): Promise<void> {
    await delay(1);
    this.write('x'.repeat(numberOf(this, 'bytes', 16)));
  }
}

class Elsewhere extends Counted {
  get(): void {
    void this.redirect(`/${'x'.repeat(numberOf(this, 'bytes', 16))}`);
  }
}

class Failing extends Counted {
  get(): void {
    throw new Error('as it should');
  }
}

class Echo extends Counted {
  async post(): Promise<void> {
    this.write(await this.readBytes());
  }
}

/** Lets the handlers below continue. */
class Release extends RequestHandler {
  get(): void {
    release.resolve();
    release = Promise.withResolvers<void>();
  }
}

let release = Promise.withResolvers<void>();

/** Does not read the body, and responds late. */
class Deaf extends Counted {
  static override readonly bodyMode = 'stream';

  async post(): Promise<void> {
    await release.promise;
  }
}

/** Reads the first part of the body and stops. */
class Stuck extends Counted {
  static override readonly bodyMode = 'stream';

  async post(): Promise<void> {
    for await (const _ of this.request.body) {
      await release.promise;
      return;
    }
  }
}

/** Sends messages of 16 KiB, or `small` ones: `waiting` waits for the client, others do not. */
class Socket extends WebSocketHandler {
  override get websocketOptions(): WebSocketOptions {
    const { query } = this.request;
    const compress = query.includes('compress');
    // Small messages are dropped when the buffer is full, so that the connection stays open.
    return query.includes('small')
      ? { compress, maxBufferedBytes: 64 * kilobyte, whenBufferFull: 'drop' }
      : { compress };
  }

  override open(): void {
    begun++;
    void this.send();
  }

  async send(): Promise<void> {
    const { query } = this.request;
    const message = query.includes('small') ? 'small' : largeMessage;
    for (let count = 0; count < 12_000; count++) {
      const sent = this.writeMessage(message);
      begun++;
      if (query.includes('waiting') ? !(await sent) : !this.connection.isOpen) return;
      if (count % (query.includes('small') ? 2 : 4) === 0) await turn();
    }
  }
}

class Static extends StaticFileHandler {
  override async get(path: { readonly path: string }): Promise<void> {
    begun++;
    await super.get(path);
  }
}

const root = mkdtempSync(join(tmpdir(), 'gale-unread-'));
process.on('exit', () => rmSync(root, { recursive: true }));
writeFileSync(join(root, 'small.txt'), 'x'.repeat(kilobyte));
writeFileSync(join(root, '64k.txt'), 'x'.repeat(64 * kilobyte));
writeFileSync(join(root, '100k.txt'), 'x'.repeat(100 * kilobyte));
writeFileSync(join(root, 'large.bin'), Buffer.alloc(64 * kilobyte * kilobyte));

const application = new Application(
  [
    ['/text', Text],
    ['/wide-text', WideText],
    ['/bytes', Bytes],
    ['/parts', Parts],
    ['/json', Json],
    ['/page', Page],
    ['/waiting', Waiting],
    ['/hasty', Hasty],
    ['/late', Late],
    ['/elsewhere', Elsewhere],
    ['/failing', Failing],
    ['/echo', Echo],
    ['/release', Release],
    ['/deaf', Deaf],
    ['/stuck', Stuck],
    ['/socket', Socket],
    ['/file/*path', Static, { init: { root } }],
  ],
  { log },
);

const server = new HttpServer((request, response) => application.handle(request, response), { log });
reportMeasurements(server, () => ({ running: begun, full: 0, complaints }));
const { port } = await server.listen(0, '127.0.0.1');
// The system keeps little for a Unix socket, so that its buffers are full at once.
await server.listen({ path: unreadSocketPath(port) });
process.send?.(port);
