/**
 * A Redis: whether it responds, keeps what it acknowledged, and belongs to this chat. Nothing is written.
 */
import { GaleError, type Logger } from 'gale';
import { RedisAddress } from 'gale/redis';
import { StartError } from '../../start-error.ts';
import { databaseKey } from '../../store/chat-redis.ts';
import { RedisConnection } from '../../store/redis-connection.ts';
import { compareClocks } from './check-clock.ts';
import { Findings, shownBytes, type Finding } from './finding.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** @param databaseId - The id of the database, if it is known. */
export async function checkRedis(url: string, databaseId: string | undefined): Promise<readonly Finding[]> {
  const findings = new Findings('Redis');
  let redis: RedisConnection | undefined;
  try {
    redis = await RedisConnection.open(url, silent);
    findings.ok(`${new RedisAddress(url).shown} responds`);
    const info = readInfo(await redis.run((client) => client.info()));
    checkRole(info, findings);
    await checkPersistence(redis, info, findings);
    checkMemory(info, findings);
    await checkDatabase(redis, databaseId, findings);
    await compareClocks(findings, 'Redis', async () => {
      const reply = await redis?.run((client) => client.sendCommand<[string, string]>(['TIME']));
      return Number(reply?.[0]) * 1000 + Number(reply?.[1]) / 1000;
    });
  } catch (error) {
    if (!(error instanceof StartError || error instanceof GaleError)) throw error;
    findings.wrong(`${error.message.replace(/\.$/, '')}; check --redis, and that it runs`);
  } finally {
    await redis?.close();
  }
  return findings.all;
}

type Info = ReadonlyMap<string, string>;

function readInfo(text: string): Info {
  const pairs = text.split(/\r?\n/).map((line) => /^([a-z_]+):(.*)$/.exec(line));
  return new Map(pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', pair[2] ?? '']] : [])));
}

function checkRole(info: Info, findings: Findings): void {
  if (info.get('role') === 'slave')
    findings.wrong('it is a replica and accepts no writes; give --redis that of the primary');
  if (info.get('loading') === '1') findings.wrong('it is loading its data; wait until that is done');
}

async function checkPersistence(redis: RedisConnection, info: Info, findings: Findings): Promise<void> {
  if (info.get('aof_enabled') === '0') {
    findings.wrong(
      'it has no append-only file, so a restart loses messages; set appendonly yes and appendfsync always',
    );
    return;
  }
  if (info.get('aof_last_write_status') === 'err') {
    findings.wrong('it could not write its append-only file; look at its log and at the space on its disk');
    return;
  }
  // Most hosted ones do not show their settings.
  const fsync = await redis.run((client) => client.configGet('appendfsync')).catch(() => undefined);
  if (fsync?.['appendfsync'] === 'always') findings.ok('it syncs its append-only file before it responds');
  else if (fsync === undefined) findings.note('it has an append-only file, and does not show when it syncs it');
  else {
    findings.note(
      `it has appendfsync ${fsync['appendfsync']}, so a crash of its machine can lose the last second; appendfsync always loses nothing`,
    );
  }
}

function checkMemory(info: Info, findings: Findings): void {
  const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    findings.wrong(`its maxmemory-policy is ${policy}, which removes messages when the memory is full; set noeviction`);
  }
  if (most > 0 && used > most * 0.9) {
    findings.wrong(
      `it uses ${shownBytes(used)} of ${shownBytes(most)}; raise its maxmemory, since it refuses writes when it is full`,
    );
  } else findings.ok(`it uses ${shownBytes(used)}${most > 0 ? ` of ${shownBytes(most)}` : ''}`);
}

async function checkDatabase(redis: RedisConnection, id: string | undefined, findings: Findings): Promise<void> {
  const known = await redis.run((client) => client.get(databaseKey));
  if (known === null) findings.note('no server has used it yet, or only the version before');
  else if (id === undefined) findings.note('whether it belongs to the same chat as the database is not known');
  else if (known === id) findings.ok('it belongs to the same chat as the database');
  else findings.wrong('it belongs to a chat with another database; give all its servers the same --database');
}
