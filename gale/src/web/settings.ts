/**
 * The settings of an application: one flat object, validated once, when the application is created.
 * A misspelt name does not compile. From JavaScript, or through a wider type, it throws an error that names it.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { createLogger } from '../run/log.ts';
import { showText } from '../run/shown-text.ts';
import { normalOrigin } from '../websocket/protocol/origin.ts';
import type { DefaultedSetting, HandlerSettings, ResolvedHandlerSettings } from './handler-settings.ts';
import type { RequestHandler } from './handler.ts';
import type { HandlerClass } from './route.ts';

/** A function that templates call by name. Its first argument is the handler. */
export type UiMethod = (handler: RequestHandler, ...values: never[]) => unknown;

/** Options of {@link Application}. All are optional. */
export interface Settings extends HandlerSettings {
  /** Functions that templates call by name. */
  readonly uiMethods?: Readonly<Record<string, UiMethod>>;
  /** Handles requests that no route matches. @defaultValue {@link ErrorHandler} with 404 */
  readonly defaultHandler?: HandlerClass;
}

/** Values of omitted settings. */
export const settingDefaults: Required<Pick<Settings, DefaultedSetting>> = Object.freeze({
  xsrfCookies: false,
  xsrfCookieName: '_xsrf',
  autoescape: true,
  staticUrlPrefix: '/static/',
  debug: false,
  maxFormBytes: 1_048_576,
  maxArguments: 1_000,
});

/** Settings with every default filled in. */
export type ResolvedSettings = Settings & ResolvedHandlerSettings;

/**
 * Validates the settings and fills in the defaults.
 *
 * @throws {@link GaleError} `WEB_SETTING` for an unknown name or a wrong value; the message names it.
 */
export function resolveSettings(settings: Settings): ResolvedSettings {
  assertObject(settings);
  for (const [name, value] of Object.entries(settings)) {
    const check = Object.hasOwn(settingChecks, name) ? settingChecks[name as keyof Settings] : undefined;
    if (check === undefined) throw new GaleError('WEB_SETTING', unknownSetting(name));
    if (value === undefined || check.test(value)) continue;
    throw new GaleError('WEB_SETTING', `${name} must be ${check.range}; got ${show(name, value)}.`);
  }
  if (typeof settings.cookieSecret === 'object' && settings.keyVersion === undefined) {
    throw new GaleError(
      'WEB_SETTING',
      'keyVersion must be the version of the secret that signs, since cookieSecret has several secrets; got undefined.',
    );
  }
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return Object.freeze({ ...settingDefaults, ...given, log: settings.log ?? createLogger() });
}

function assertObject(settings: unknown): void {
  if (isObject(settings)) return;
  throw new GaleError('WEB_SETTING', `settings must be an object; got ${showValue(settings)}.`);
}

interface Check {
  readonly range: string;
  test(value: unknown): boolean;
}

const text: Check = { range: 'a string that is not empty', test: (value) => typeof value === 'string' && value !== '' };
const flag: Check = { range: 'true or false', test: (value) => typeof value === 'boolean' };
const record: Check = { range: 'an object', test: isObject };
const count: Check = {
  range: 'an integer from 1',
  test: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};

/** One check for each setting; its type requires a check for every setting. */
const settingChecks: Readonly<Record<keyof Settings, Check>> = {
  cookieSecret: {
    range: 'a string that is not empty, or an object with such strings by version',
    test: (value) => text.test(value) || (isObject(value) && Object.entries(value).every(isVersionedSecret)),
  },
  keyVersion: {
    range: 'an integer from 0',
    test: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  xsrfCookies: flag,
  xsrfCookieName: text,
  xsrfCookieOptions: record,
  loginUrl: text,
  templatePath: text,
  autoescape: {
    range: 'true, false or a function',
    test: (value) => typeof value === 'boolean' || typeof value === 'function',
  },
  locals: record,
  uiMethods: {
    range: 'an object of functions',
    test: (value) => isObject(value) && Object.values(value).every((method) => typeof method === 'function'),
  },
  staticPath: text,
  staticUrlPrefix: {
    range: 'a path that begins and ends with a slash',
    test: (value) => typeof value === 'string' && /^\/(?:[^/?#]+\/)*$/.test(value),
  },
  defaultHandler: { range: 'a handler class', test: (value) => typeof value === 'function' },
  debug: flag,
  maxFormBytes: count,
  maxArguments: count,
  log: {
    range: 'an object with the methods debug, info, warn and error',
    test: (value) =>
      isObject(value) && ['debug', 'info', 'warn', 'error'].every((name) => typeof value[name] === 'function'),
  },
  server: record,
  websocket: record,
  allowedOrigins: {
    range: 'an array of origins without a path, such as https://app.example',
    test: (value) =>
      Array.isArray(value) && value.every((origin) => typeof origin === 'string' && normalOrigin(origin) !== undefined),
  },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isVersionedSecret([version, secret]: [string, unknown]): boolean {
  return /^\d{1,9}$/.test(version) && text.test(secret);
}

/** Formats a value for a message, but never a secret. */
function show(name: string, value: unknown): string {
  return name === 'cookieSecret' ? `a wrong ${typeof value}` : showValue(value);
}

function unknownSetting(name: string): string {
  const nearest = Object.keys(settingChecks).find(
    (known) => plain(known) === plain(name) || isOneEditApart(known, name),
  );
  const advice = nearest === undefined ? 'Values of your own program belong in locals.' : `Did you mean ${nearest}?`;
  return `Unknown setting ${showText(name)}. ${advice}`;
}

/** Reduces a name to the letters that matter, for names from Tornado and plurals: `templates_path` and `templatePath` are equal. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]|s(?=_|$|path)/g, '');
}

/** Whether the names differ by one added, removed or changed letter, or by two swapped adjacent letters. */
function isOneEditApart(left: string, right: string): boolean {
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  const [a, b] = [left.slice(start), right.slice(start)];
  const swapped = a.slice(1, 2) + a.slice(0, 1) + a.slice(2);
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) || swapped === b;
}
