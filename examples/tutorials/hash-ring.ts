/**
 * Distributed sessions (tutorial 1.1): which server has which session? By the remainder of a number, and by a hash ring. The page counts
 * how many sessions move when a server is added: each of them would be lost.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';
import { HashRing } from 'gale/sessions';

/** Weights by server. One of weight 3 gets three times the sessions. */
type Weights = Readonly<Record<string, number>>;

/** Returns the server of a session. */
type Choose = (id: string) => string;

const servers: Weights = { '192.168.1.1:6379': 3, '192.168.1.2:6379': 1, '192.168.1.3:6379': 1 };
const withOneMore: Weights = { ...servers, '192.168.1.4:6379': 1 };

/** As random as ids of sessions, but the same in each run. */
const ids = Array.from({ length: 10_000 }, (_, index) => createHash('sha1').update(`session ${index}`).digest('hex'));

/** Tutorial: the sum of the ASCII codes, modulo the length of a list in which a server of weight 3 is three times. */
function chooseByModulo(weights: Weights): Choose {
  const list = Object.entries(weights).flatMap(([server, weight]) => Array.from({ length: weight }, () => server));
  return (id) => {
    let sum = 0;
    for (const byte of Buffer.from(id)) sum += byte;
    return list[sum % list.length] ?? '';
  };
}

/** Tutorial: `HashRing(redis_server, weights).get_node(id)`. It chooses the same servers as the Python module. */
function chooseByRing(weights: Weights): Choose {
  const ring = new HashRing(Object.keys(weights), { weights });
  return (id) => ring.getNode(id) ?? '';
}

/** What the page shows about one of the methods. */
function compare(method: string, create: (weights: Weights) => Choose): object {
  const [before, after] = [create(servers), create(withOneMore)];
  const rows = Object.keys(withOneMore).map((server) => ({
    server,
    before: ids.filter((id) => before(id) === server).length,
    after: ids.filter((id) => after(id) === server).length,
  }));
  return { method, rows, moved: ids.filter((id) => before(id) !== after(id)).length };
}

const comparisons = [compare('Modulo', chooseByModulo), compare('Hash ring', chooseByRing)];

class Index extends RequestHandler {
  get(): Promise<void> {
    return this.render('hash-ring.html', { comparisons, count: ids.length });
  }
}

class Node extends RequestHandler {
  get({ id }: { readonly id: string }): object {
    return { modulo: chooseByModulo(servers)(id), ring: chooseByRing(servers)(id) };
  }
}

/** The counts at `/`, and the servers of one id at `/node/ID`. */
export function createHashRing(settings: Settings): Application {
  const routes = [
    ['/', Index],
    ['/node/:id', Node],
  ] as const;
  return new Application(routes, { ...settings, templatePath: join(import.meta.dirname, 'templates') });
}
