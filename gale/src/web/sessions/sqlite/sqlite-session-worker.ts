/** The thread of {@link SqliteSessionStore}. */
import { workerData } from 'node:worker_threads';
import { serveCalls } from '../../../stores/sqlite-calls.ts';
import { parentPort } from '../../../stores/worker-port.ts';
import { SqliteSessionRows } from './sqlite-session-rows.ts';
import { openSessionDatabase } from './sqlite-session-schema.ts';

/** The methods that the main thread calls. */
export type SessionCalls = Pick<SqliteSessionRows, 'load' | 'save' | 'list' | 'end' | 'check'>;

if (parentPort) {
  serveCalls(parentPort, (workerData as { readonly path: string }).path, (path) => {
    const database = openSessionDatabase(path);
    return { database, methods: new SqliteSessionRows(database), reads: ['load', 'list'] };
  });
}
