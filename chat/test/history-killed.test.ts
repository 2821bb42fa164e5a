/** The history after kills of the server: every acknowledged message, once and in order. The slow test kills it 20 times. */
import { test } from 'node:test';
import { killDuringPublishes } from './support/history-kills.ts';
import { storages } from './support/storages.ts';

for (const storage of storages) {
  test(
    `${storage.name}: 2 times kill -9 in the middle of publishes, and the history has every acknowledged message once`,
    { skip: storage.skip },
    (t) => killDuringPublishes(t, storage, { kills: 2, perKill: 40 }),
  );
}
