import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import { redisMissing, startRedis } from '../../../testing/redis-server.ts';
import { RedisSessionStore } from './redis-session-store.ts';

const skip = redisMissing();

testSessionStore('redis', {
  skip,
  runs: 20,
  open: async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    return RedisSessionStore.open({ url: redis.url, log: new RecordedLog() });
  },
});
