/** Middleware: asks for a name and a password with the Basic scheme (RFC 7617). Use it over https only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isThenable } from '../../http/thenable.ts';
import { assertNames, assertObject, wrongValue } from '../../run/given-options.ts';
import type { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import type { Middleware } from './middleware.ts';

/** Options of {@link basicAuth}: `users` or `verify`. */
export interface BasicAuthOptions {
  /** Passwords by name. They are compared in constant time. */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * Whether the password is right. It can assign `handler.currentUser`. Compare secrets with `timingSafeEqual` of `node:crypto`, or with
   * a password hash.
   */
  readonly verify?: (name: string, password: string, handler: RequestHandler) => boolean | Promise<boolean>;
  /** Shown by browsers when they ask: printable ASCII without double quotes and backslashes. @defaultValue 'Restricted' */
  readonly realm?: string;
}

/**
 * Creates a middleware that responds with 401 until the request has a valid name and password. List it after {@link rateLimit}, which
 * limits the attempts of an address.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * group('/admin', { middleware: [basicAuth({ users: { ada: process.env.ADMIN_PASSWORD } })] }, adminRoutes);
 */
export function basicAuth(options: BasicAuthOptions): Middleware {
  const { realm, verify } = resolveBasicAuthOptions(options);
  const challenge = ['WWW-Authenticate', `Basic realm="${realm}", charset="UTF-8"`] as const;
  const decide = (isValid: unknown): void => {
    // A truthy value is not enough: it may be a promise or a user that was not found.
    if (isValid === true) return;
    const detail = 'This resource needs a name and a password in the field Authorization (Basic).';
    throw new HttpError(401, undefined, { headers: [challenge], problem: { detail } });
  };
  return {
    processRequest(handler) {
      const given = readCredentials(handler.request.headers.get('authorization') ?? '');
      const isValid: unknown = given === undefined ? false : verify(given.name, given.password, handler);
      if (isThenable(isValid)) return Promise.resolve(isValid).then(decide);
      decide(isValid);
      return undefined;
    },
  };
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveBasicAuthOptions(options: BasicAuthOptions): Required<Omit<BasicAuthOptions, 'users'>> {
  assertNames('basicAuth', options, ['users', 'verify', 'realm']);
  const { users, realm = 'Restricted' } = options;
  if (typeof realm !== 'string' || !/^[ !#-[\]-~]+$/.test(realm)) {
    throw wrongValue('realm', 'printable ASCII without double quotes and backslashes', realm);
  }
  const verify = options.verify ?? compareWith(users);
  if (typeof verify !== 'function') throw wrongValue('verify', 'a function', verify);
  if (options.verify !== undefined && users !== undefined) {
    throw wrongValue('users', 'omitted with verify', users);
  }
  return { realm, verify };
}

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Reads the field. @returns `undefined` for another scheme and for a value that is not valid. */
function readCredentials(authorization: string): Credentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  let text: string;
  try {
    text = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  if (colon < 0 || hasControl.test(text)) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
// oxlint-disable-next-line no-control-regex -- RFC 7617 §2 forbids control characters.
const hasControl = /[\x00-\x1f\x7f]/;

function compareWith(users: unknown): (name: string, password: string) => boolean {
  assertObject('users', users);
  const digests = new Map<string, Buffer>();
  for (const [name, password] of Object.entries(users) as [string, unknown][]) {
    if (name.includes(':')) throw wrongValue('users', 'names without a colon, which ends the name', name);
    if (hasControl.test(name)) throw wrongValue('users', 'names without control characters', name);
    if (typeof password === 'string' && hasControl.test(password)) {
      throw wrongValue(
        `users.${name}`,
        'a password without control characters, which clients cannot send',
        'one with them',
      );
    }
    if (typeof password !== 'string' || password === '') {
      // Never the value, which may be a secret of another type.
      throw wrongValue(`users.${name}`, 'a password that is not empty', typeof password);
    }
    digests.set(name, digest(password));
  }
  if (digests.size === 0) throw wrongValue('users', 'an object with at least one name and password', users);
  // An unknown name takes as long as a wrong password.
  const nobody = randomBytes(32);
  return (name, password) => timingSafeEqual(digest(password), digests.get(name) ?? nobody);
}

/** Digests have one length, so the comparison does not reveal that of the password. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
