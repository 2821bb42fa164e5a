/** Imports the application of a user's program. */
import { realpath } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { GaleError } from '../errors.ts';
import type { ListedRoute } from '../web/listed-route.ts';

/** What is used of an application. It may be of another copy of the package, so its class is not compared. */
export interface ListedApplication {
  routes(): readonly ListedRoute[];
}

/** A program that listens when it is imported may never finish. */
const importTimeoutMs = 10_000;

/**
 * Imports a module and finds its application: the default export, or the export `app`.
 *
 * @throws {@link GaleError} `COMMAND_APPLICATION` if the file cannot be imported, or exports no application.
 */
export async function importApplication(file: string): Promise<ListedApplication> {
  const exports = await importWithin(file, await urlOf(file));
  const found = ['default', 'app'].map((name) => exports[name]).find(isListedApplication);
  if (found !== undefined) return found;
  const names = Object.keys(exports);
  const given = names.length === 0 ? 'nothing' : names.slice(0, 10).join(', ');
  throw applicationError(
    `${file} must export an application as default or as app; it exports ${given}. Write export const app = new Application(…);`,
  );
}

export function isListedApplication(value: unknown): value is ListedApplication {
  if (typeof value !== 'object' || value === null) return false;
  return ['routes', 'handle'].every((method) => typeof Reflect.get(value, method) === 'function');
}

async function urlOf(file: string): Promise<string> {
  try {
    return pathToFileURL(await realpath(file)).href;
  } catch (error) {
    throw applicationError(`There is no file ${file} (${String(error)}).`, error);
  }
}

async function importWithin(file: string, url: string): Promise<Readonly<Record<string, unknown>>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const advice = 'Listen only if import.meta.main is true, so that the file can be imported.';
      reject(applicationError(`${file} did not finish loading within ${importTimeoutMs / 1_000} s. ${advice}`));
    }, importTimeoutMs);
  });
  try {
    return await Promise.race([import(url) as Promise<Readonly<Record<string, unknown>>>, late]);
  } catch (error) {
    if (error instanceof GaleError && error.code === 'COMMAND_APPLICATION') throw error;
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw applicationError(`${file} cannot be imported: ${reason}`, error);
  } finally {
    clearTimeout(timer);
  }
}

function applicationError(message: string, cause?: unknown): GaleError {
  return new GaleError('COMMAND_APPLICATION', message, cause === undefined ? {} : { cause });
}
