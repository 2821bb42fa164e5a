/**
 * A server in a process that may have few file descriptors, for open-files.test.ts. It sends its port, then each warning and error it logs.
 * `/database` opens a database, `/take` takes all descriptors that are left and `/give` gives them back; `/file/…` is a static file.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Application, HttpServer, RequestHandler, StaticFileHandler } from '../../../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'gale-open-files-'));
process.on('exit', () => rmSync(root, { recursive: true }));
writeFileSync(join(root, 'small.txt'), 'small');
writeFileSync(join(root, 'other.txt'), 'other');

const report = (fields: object, message: string): void => void process.send?.({ fields, message });
const log = { debug() {}, info() {}, warn: report, error: report };

let taken: number[] = [];

function takeAll(): string {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return `${taken.length} taken`;
  }
}

function giveBack(): string {
  for (const descriptor of taken) closeSync(descriptor);
  taken = [];
  return 'given back';
}

function useDatabase(): string {
  const database = new DatabaseSync(join(root, 'data.sqlite'));
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS visits (at INTEGER); INSERT INTO visits VALUES (1)',
  );
  const { count } = database.prepare('SELECT count(*) AS count FROM visits').get() as { count: number };
  database.close();
  return count > 0 ? 'stored' : 'lost';
}

/** Responds with the result of the function of its route. */
class Returning extends RequestHandler {
  #run = (): string => '';

  override initialize(run: () => string): void {
    this.#run = run;
  }

  get(): void {
    this.write(this.#run());
  }
}

const application = new Application(
  [
    ['/', Returning, { init: () => 'here' }],
    ['/database', Returning, { init: useDatabase }],
    ['/take', Returning, { init: takeAll }],
    ['/give', Returning, { init: giveBack }],
    ['/file/*path', StaticFileHandler, { init: { root } }],
  ],
  { log },
);

// The first use of a database or a file loads more code.
useDatabase();
const server = new HttpServer((request, response) => application.handle(request, response), { log });
const { port } = await server.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit());
process.send?.(port);
