/** The data folder that a version before wrote, and the visitors who were there. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { RedisServer } from 'gale/testing';
import type { StorageOptions } from '../../storage.ts';
import { temporaryFolder } from './chat-server.ts';

/** Cookies by name. */
export type Cookies = Readonly<Record<string, string>>;

/** The visitors of a version before, and the time at which they were there. */
export interface Visitors {
  readonly madeAt: number;
  readonly ann: Cookies;
  readonly annsPhone: Cookies;
  /** The XSRF field of a page that Ann has open. */
  readonly annsForm: string;
  readonly bob: Cookies;
  /** A cookie of a person who logged out. */
  readonly loggedOut: Cookies;
}

/** What the fixture `before-database` has in addition. */
export interface RoomVisitors extends Visitors {
  readonly cyd: Cookies;
  readonly ids: Readonly<Record<'ann' | 'bob' | 'cyd', string>>;
  /** Ids of rooms. */
  readonly tea: string;
  readonly solo: string;
}

/** Data of a version before. */
export interface Former<Who extends Visitors = Visitors> {
  readonly visitors: Who;
  readonly options: StorageOptions;
  readonly redis?: RedisServer;
}

/** A file of the fixtures. */
export const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../fixtures/${name}`, import.meta.url));
/** JSON of a fixture. */
export const parse = <Value>(bytes: Buffer): Value => JSON.parse(bytes.toString()) as Value;
/** A new folder with the secret that signed the cookies. */
export async function withSecret(t: TestContext, cookieSecret: string): Promise<string> {
  const data = await temporaryFolder(t);
  await writeFile(join(data, 'cookie-secret'), `${cookieSecret}\n`, { mode: 0o600 });
  return data;
}

/** The folder of the version that had its data in several files. */
export async function formerFolder(t: TestContext): Promise<Former<RoomVisitors>> {
  const { cookieSecret, ...visitors } = parse<RoomVisitors & { readonly cookieSecret: string }>(
    await fixture('before-database/folder.json'),
  );
  const data = await withSecret(t, cookieSecret);
  for (const name of ['chat', 'rooms', 'sessions']) {
    await writeFile(join(data, `${name}.sqlite`), gunzipSync(await fixture(`before-database/${name}.sqlite.gz`)));
  }
  return { visitors, options: { data, redis: '', database: '' } };
}
