import { createLogger } from '../../../run/log.ts';
import { MemoryBroker } from './memory-broker.ts';
import { testBroker } from '../../../../test/support/rooms/broker-suite.ts';

let now = Date.now();

testBroker(
  'the broker in memory',
  { skip: false },
  {
    open: () => Promise.resolve(new MemoryBroker({ now: () => now, log: createLogger({ level: 'silent' }) })),
    passTime: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  },
);
