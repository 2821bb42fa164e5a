/**
 * The locale of a request. It is kept outside of the handler, so that applications without the setting `locale` have no cost; they do not load
 * the other files of this folder.
 */
import { GaleError } from '../../errors.ts';
import { varyBy } from '../middleware/vary.ts';
import type { Locale } from './locale.ts';
import type { Locales } from './locales.ts';

/** What is used of a handler. */
interface LocaleHandler {
  readonly application: { readonly locales: Locales | undefined };
  readonly request: { readonly headers: { get(name: string): string | undefined } };
  readonly phase: string;
  getUserLocale(): unknown;
  getBrowserLocale(): Locale;
  getHeader(name: string): string | undefined;
  addHeader(name: string, value: string): void;
}

const chosen = new WeakMap<LocaleHandler, Locale>();
/** The handlers whose response depends on Accept-Language. */
const varying = new WeakSet<LocaleHandler>();

/** The locale of the user, else that of the browser. */
export function localeOf(handler: LocaleHandler): Locale {
  let locale = chosen.get(handler);
  if (locale === undefined) {
    locale = handler.getBrowserLocale();
    chosen.set(handler, locale);
  } else if (varying.has(handler)) vary(handler);
  return locale;
}

/** Calls `getUserLocale`, before `prepare`. */
export async function loadUserLocale(handler: LocaleHandler): Promise<void> {
  const { locales } = handler.application;
  if (locales === undefined) return;
  const locale = locales.forUser(await handler.getUserLocale());
  if (locale === undefined) return;
  chosen.set(handler, locale);
  varying.delete(handler);
}

/**
 * The locale for the request's Accept-Language. The response depends on the field then, which `Vary` says to caches.
 *
 * @throws {@link GaleError} `WEB_HANDLER` without the setting `locale`.
 */
export function browserLocaleOf(handler: LocaleHandler): Locale {
  const { locales } = handler.application;
  if (locales === undefined) throw new GaleError('WEB_HANDLER', 'locale of a handler needs the setting locale.');
  varying.add(handler);
  vary(handler);
  return locales.forBrowser(handler.request.headers.get('accept-language')) ?? locales.fallback;
}

/** The headers of an error page are those of a new response, so this is repeated. */
function vary(handler: LocaleHandler): void {
  if (handler.phase === 'open') varyBy(handler, 'Accept-Language');
}
