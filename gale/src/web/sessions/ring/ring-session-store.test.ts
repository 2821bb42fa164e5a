import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import { MemorySessionStore } from '../memory/memory-session-store.ts';
import { RingSessionStore } from './ring-session-store.ts';

testSessionStore('ring', {
  runs: 100,
  open: async () =>
    RingSessionStore.open({
      nodes: ['one', 'two', 'three'].map((name) => ({ name, open: async () => new MemorySessionStore() })),
      log: new RecordedLog(),
    }),
});
