/** The same as history-killed.slow-test.ts with PostgreSQL: every acknowledged message, once and in order. */
import { test } from 'node:test';
import { killDuringPublishes } from './support/history-kills.ts';
import { storagesWithPostgres } from './support/storages.ts';

for (const storage of storagesWithPostgres) {
  test(
    `${storage.name}: 20 times kill -9 in the middle of publishes, and the history has every acknowledged message once`,
    { skip: storage.skip },
    (t) => killDuringPublishes(t, storage, { kills: 20, perKill: 150 }),
  );
}
