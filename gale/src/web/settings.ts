/**
 * The settings of an application: one flat object, validated once, when the application is created.
 * A misspelt name does not compile. From JavaScript, or through a wider type, it throws an error that names it.
 */
import { GaleError } from '../errors.ts';
import { isTokenText } from '../http/protocol/characters.ts';
import {
  assertFilledString,
  assertFunctions,
  assertInteger,
  assertLog,
  assertMethods,
  assertObject,
  readChoices,
  wrongValue,
} from '../run/given-options.ts';
import { createLogger } from '../run/log.ts';
import type { Logger } from '../run/log.ts';
import { showText } from '../run/shown-text.ts';
import { normalOrigin } from '../websocket/protocol/origin.ts';
import { formatCookie, needsSecure, withDefaults } from './cookies/cookies.ts';
import { assertCookieSecret, assertKeyVersion, warnOfShortSecrets } from './cookies/cookie-secret.ts';
import { maxKeyVersion } from './cookies/signed-value.ts';
import type { DefaultedSetting, HandlerSettings, ResolvedHandlerSettings } from './handler-settings.ts';
import type { RequestHandler } from './handler.ts';
import { assertMiddleware, type Middleware } from './middleware/middleware.ts';
import { toLocation } from './location.ts';
import type { HandlerClass } from './route.ts';
import { assertUiModules, type UIModuleClass } from './ui-modules/ui-module.ts';

/** A function that templates call by name. Its first argument is the handler. */
export type UiMethod = (handler: RequestHandler, ...values: never[]) => unknown;

/** Values of the setting `trailingSlash`. */
export type TrailingSlash = 'strict' | 'redirect' | 'ignore';

/** Options of {@link Application}. All are optional. */
export interface Settings extends HandlerSettings {
  /** Functions that templates call by name. */
  readonly uiMethods?: Readonly<Record<string, UiMethod>>;
  /** Classes that extend `UIModule`, by the name in `{% module Name(…) %}`. @defaultValue those of Gale: `Template`, `linkify`, `xsrfFormHtml` */
  readonly uiModules?: Readonly<Record<string, UIModuleClass>>;
  /**
   * Runs around every handler: before and after those of groups, routes and handler classes.
   *
   * @defaultValue none
   */
  readonly middleware?: readonly Middleware[];
  /**
   * What happens with a path that no route matches, but that one would match with or without a slash at its end. `strict`: 404.
   * `redirect`: to that path, 301 for GET and HEAD, 308 for other methods. `ignore`: its route handles the request.
   *
   * @defaultValue `strict`
   */
  readonly trailingSlash?: TrailingSlash;
  /** Handles requests that no route matches. @defaultValue {@link ErrorHandler} with 404 */
  readonly defaultHandler?: HandlerClass;
}

/** Values of omitted settings. */
export const settingDefaults: Required<Pick<Settings, DefaultedSetting | 'trailingSlash'>> = Object.freeze({
  trailingSlash: 'strict',
  xsrfCookies: false,
  xsrfCookieName: '_xsrf',
  autoescape: true,
  staticUrlPrefix: '/static/',
  maxStaticCacheBytes: 16_777_216,
  debug: false,
  maxDecodedBytes: 16_777_216,
  maxFormBytes: 1_048_576,
  maxJsonBytes: 1_048_576,
  maxArguments: 1_000,
  now: () => Date.now(),
  maxParts: 100,
  maxPartHeaderBytes: 10_240,
  maxFieldBytes: 1_048_576,
  maxFileBytes: 104_857_600,
  maxFileMemoryBytes: 1_048_576,
  maxUploadMemoryBytes: 67_108_864,
  maxTemporaryBytes: 1_073_741_824,
});

/** Settings with every default filled in. */
export type ResolvedSettings = Settings & ResolvedHandlerSettings & Required<Pick<Settings, 'trailingSlash'>>;

/**
 * Validates the settings and fills in the defaults.
 *
 * A secret under 32 bytes is one warning in the log.
 *
 * @throws {@link GaleError} `WEB_SETTING` for an unknown name or a wrong value; the message names it. `WEB_COOKIE` for attributes of
 *   the XSRF cookie that browsers would drop.
 */
export function resolveSettings(settings: Settings): ResolvedSettings {
  try {
    assertSettings(settings);
  } catch (error) {
    if (!(error instanceof GaleError) || error.code !== 'OPTION_VALUE') throw error;
    throw new GaleError('WEB_SETTING', error.message);
  }
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const resolved: ResolvedSettings = { ...settingDefaults, ...given, log: settings.log ?? createLogger() };
  // Refuses what would fail at the first form over plain http; over https the cookie is Secure by default.
  const secure = needsSecure(resolved.xsrfCookieName);
  formatCookie(resolved.xsrfCookieName, 'x', withDefaults(resolved.xsrfCookieOptions ?? {}, { secure }));
  if (resolved.cookieSecret !== undefined) warnOfShortSecrets(resolved.cookieSecret, resolved.log);
  return Object.freeze(resolved);
}

function assertSettings(settings: Settings): void {
  assertObject('settings', settings);
  for (const [name, value] of Object.entries(settings)) {
    const check = Object.hasOwn(settingChecks, name) ? settingChecks[name as keyof Settings] : undefined;
    if (check === undefined) throw new GaleError('WEB_SETTING', unknownSetting(name));
    if (value !== undefined) check(name, value);
  }
  assertKeyVersion(settings.cookieSecret, settings.keyVersion);
}

/** Throws `OPTION_VALUE` for a wrong value, which is never undefined. */
type Check = (name: string, value: unknown) => void;

const flag: Check = (name, value) => void readChoices({ [name]: value }, { [name]: [false, true] });
const count: Check = (name, value) => assertInteger(name, value, 1, Number.MAX_SAFE_INTEGER);

/** One check for each setting; its type requires a check for every setting. */
const settingChecks: Readonly<Record<keyof Settings, Check>> = {
  cookieSecret: assertCookieSecret,
  keyVersion: (name, value) => assertInteger(name, value, 0, maxKeyVersion),
  xsrfCookies: flag,
  xsrfCookieName: (name, value) => {
    if (typeof value !== 'string' || !isTokenText(value)) {
      throw wrongValue(name, 'a token, such as _xsrf', value);
    }
  },
  xsrfCookieOptions: assertObject,
  loginUrl: assertLoginUrl,
  templatePath: assertFilledString,
  autoescape: (name, value) => {
    if (typeof value !== 'boolean' && typeof value !== 'function') {
      throw wrongValue(name, 'true, false or a function', value);
    }
  },
  locals: assertObject,
  uiMethods: (name, value) => {
    assertObject(name, value);
    for (const [key, method] of Object.entries(value)) {
      if (typeof method !== 'function') throw wrongValue(`${name}.${key}`, 'a function', method);
    }
  },
  uiModules: assertUiModules,
  staticPath: assertFilledString,
  staticUrlPrefix: (name, value) => {
    if (typeof value !== 'string' || !/^\/(?:[^/?#]+\/)*$/.test(value)) {
      throw wrongValue(name, 'a path that begins and ends with a slash', value);
    }
  },
  defaultHandler: (name, value) => {
    if (typeof value !== 'function') throw wrongValue(name, 'a handler class', value);
  },
  maxStaticCacheBytes: (name, value) => assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER),
  middleware: assertMiddleware,
  sessions: (name, value) =>
    assertMethods(name, value, ['open', 'attach', 'of', 'end'], 'the result of sessions() of gale/sessions'),
  trailingSlash: (name, value) => void readChoices({ [name]: value }, { [name]: ['strict', 'redirect', 'ignore'] }),
  debug: flag,
  maxDecodedBytes: count,
  maxFormBytes: count,
  maxJsonBytes: count,
  maxArguments: count,
  now: (name, value) => assertFunctions({ [name]: value }, [name]),
  maxParts: count,
  maxPartHeaderBytes: count,
  maxFieldBytes: count,
  maxFileBytes: count,
  maxFileMemoryBytes: (name, value) => assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER),
  maxUploadMemoryBytes: (name, value) => assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER),
  maxTemporaryBytes: (name, value) => assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER),
  temporaryPath: assertFilledString,
  log: (_, value) => assertLog(value as Logger),
  locale: (name, value) => {
    assertObject(name, value);
    const translations: unknown = Reflect.get(value, 'translations');
    const methods = ['localesFor'];
    assertMethods(`${name}.translations`, translations, methods, 'what loadTranslations of gale/locale returned');
  },
  server: assertObject,
  websocket: assertObject,
  allowedOrigins: (name, value) => {
    if (!Array.isArray(value)) throw wrongValue(name, 'an array of origins', value);
    for (const origin of value as readonly unknown[]) {
      if (typeof origin !== 'string' || normalOrigin(origin) === undefined) {
        throw wrongValue(`An entry of ${name}`, 'an origin without a path, such as https://app.example', origin);
      }
    }
  },
};

/** A relative URL would lead to another page from each folder. */
function assertLoginUrl(name: string, value: unknown): void {
  const isAbsolute = typeof value === 'string' && /^(?:\/|https?:\/\/)/i.test(value);
  try {
    if (isAbsolute) return void toLocation(value);
  } catch {
    // The message names the setting instead.
  }
  throw wrongValue(name, 'a path that begins with a slash, or an http or https URL', value);
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
