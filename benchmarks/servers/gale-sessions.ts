/**
 * Gale with `Hello, world!` for a client that has a session: the handler reads a value of it, or there are no sessions. It uses only the
 * exports of the package. `node gale-sessions.ts --port=N --sessions=none|memory`.
 */
import { hash } from 'node:crypto';
import { Application, RequestHandler } from 'gale';
import { MemorySessionStore, sessions } from 'gale/sessions';
import { sessionCount, sessionIdOf } from './session-ids.ts';

const [port, kind] = process.argv.slice(2).map((word) => word.split('=')[1]);

class Hello extends RequestHandler {
  get(): void {
    this.setHeader('content-type', 'text/plain; charset=utf-8');
    this.write('Hello, world!');
  }
}

class Greets extends RequestHandler {
  get(): void {
    this.setHeader('content-type', 'text/plain; charset=utf-8');
    this.write(`Hello, ${String(this.session.get('name'))}!`);
  }
}

const isStored = kind === 'memory';
const application: Application = new Application(
  [['/', isStored ? Greets : Hello]],
  isStored ? { sessions: sessions({ store: filledStore() }) } : {},
);
await application.listen(Number(port), '127.0.0.1');

/** A store in memory with all sessions of the work. */
function filledStore(): MemorySessionStore {
  const store = new MemorySessionStore();
  const now = Date.now();
  for (let index = 0; index < sessionCount; index++) {
    store.save(
      {
        id: hash('sha256', sessionIdOf(index), 'hex'),
        from: 'new',
        person: undefined,
        createdAt: now,
        seenAt: now,
        expiresAt: now + 3_600_000,
        isLogin: false,
        clears: false,
        values: new Map([['name', '"world"']]),
        expected: undefined,
        limits: { maxBytes: 1024, maxKeys: 10, maxPerPerson: 10 },
      },
      now,
    );
  }
  return store;
}
