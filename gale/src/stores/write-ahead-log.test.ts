import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WriteAheadLog } from './write-ahead-log.ts';

/** A path in a folder that is removed with the test. */
function pathFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gale-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'a.sqlite');
}

test('truncates the log at its size, and waits until it is twice as large after a reader held it', (t) => {
  const path = pathFor(t);
  const [database, reader] = [new DatabaseSync(path, { timeout: 10 }), new DatabaseSync(path)];
  t.after(() => [reader, database].forEach((open) => open.close()));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE texts (text TEXT)');
  const writeAheadLog = new WriteAheadLog(database, path, 100_000);
  const add = database.prepare('INSERT INTO texts VALUES (?)');
  const commit = (count: number): void => {
    for (let index = 0; index < count; index++) {
      add.run('x'.repeat(4000));
      writeAheadLog.onCommit();
    }
  };
  const bytes = (): number => statSync(`${path}-wal`).size;
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM texts').get();
  commit(64);
  assert.ok(bytes() > 200_000, 'a reader needs it');
  reader.exec('COMMIT');
  // The next attempt comes when the log is twice as large.
  commit(64);
  assert.ok(bytes() > 400_000);
  commit(64);
  assert.equal(bytes(), 0);
  commit(63);
  assert.ok(bytes() > 200_000);
  commit(1);
  assert.equal(bytes(), 0);
});

test('ignores a log that is not there', (t) => {
  const path = pathFor(t);
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  const writeAheadLog = new WriteAheadLog(database, path, 1);
  for (let index = 0; index < 64; index++) writeAheadLog.onCommit();
  assert.equal(database.isOpen, true);
});
