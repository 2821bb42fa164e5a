/**
 * Middleware: headers that make browsers refuse what a page does not need: scripts of other sites, frames, guessed types, plain
 * http. docs/guide/middleware.md explains each.
 */
import { assertInteger, assertNames, assertObject, readChoices, wrongValue } from '../../run/given-options.ts';
import type { RequestHandler } from '../handler.ts';
import { addsCspNonce, usedCspNonce } from './csp-nonce.ts';
import type { Middleware } from './middleware.ts';

/** Options of {@link securityHeaders}. */
export interface SecurityHeadersOptions {
  /**
   * Directives of the Content-Security-Policy, each with its sources; they replace the default ones of the same name, and `false` removes
   * one. `false` instead of the object: no policy. A nonce that the page has used is added to `script-src` and `style-src`.
   *
   * @defaultValue only the same site, `data:` for images, no plugins, no frames of other sites around the page
   */
  readonly contentSecurityPolicy?: Readonly<Record<string, string | readonly string[] | false>> | false;
  /** Sends Content-Security-Policy-Report-Only, so that browsers report violations and block nothing. @defaultValue false */
  readonly reportOnly?: boolean;
  /**
   * For how long browsers use https only, in seconds; sent over TLS only. 0 ends it, `false` sends no header. Browsers that saw it cannot
   * return to http before.
   *
   * @defaultValue 31 536 000
   */
  readonly hstsMaxAgeSeconds?: number | false;
  /** Whether that is true for all subdomains. @defaultValue false */
  readonly hstsSubdomains?: boolean;
  /** What browsers send as Referer. @defaultValue 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: ReferrerPolicy | false;
}

/** A value of Referrer-Policy. */
export type ReferrerPolicy = (typeof referrerPolicies)[number];

const referrerPolicies = [
  'strict-origin-when-cross-origin',
  'no-referrer',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
  'same-origin',
  'strict-origin',
  'unsafe-url',
] as const;

const defaultDirectives: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
};

/**
 * Creates a middleware that sets Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options and Referrer-Policy. A header
 * that the handler has set stays.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * // In a template: <script nonce="{{ cspNonce }}">…</script>
 * new Application(routes, { middleware: [securityHeaders()] });
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  const { contentSecurityPolicy, reportOnly, hstsMaxAgeSeconds, hstsSubdomains, referrerPolicy } =
    resolveSecurityHeadersOptions(options);
  const directives = readDirectives(contentSecurityPolicy);
  const policyName = reportOnly ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy';
  const plainPolicy = directives === undefined ? '' : joinDirectives(directives);
  const hsts = `max-age=${hstsMaxAgeSeconds}${hstsSubdomains ? '; includeSubDomains' : ''}`;

  const middleware: Middleware = {
    processResponse(handler) {
      const status = handler.getStatus();
      if (status === 101) return;
      setMissing(handler, 'X-Content-Type-Options', 'nosniff');
      if (referrerPolicy !== false) setMissing(handler, 'Referrer-Policy', referrerPolicy);
      if (hstsMaxAgeSeconds !== false && handler.request.protocol === 'https') {
        setMissing(handler, 'Strict-Transport-Security', hsts);
      }
      // After a 304 a browser uses the stored page with the policy of the 304: a new nonce would not be that of the page.
      if (directives === undefined || plainPolicy === '' || status === 304) return;
      const nonce = usedCspNonce(handler);
      setMissing(handler, policyName, nonce === undefined ? plainPolicy : joinDirectives(directives, nonce));
    },
  };
  const hasNonces = directives !== undefined && joinDirectives(directives, '') !== plainPolicy;
  return hasNonces ? addsCspNonce(middleware, refusesFiles(directives) ? 'all' : 'inline') : middleware;
}

/** Whether a directive allows linked scripts or styles only by their nonce. */
function refusesFiles(directives: Directives): boolean {
  const sourcesOf = (name: string): readonly string[] | undefined =>
    directives.get(name) ?? directives.get('default-src');
  // With strict-dynamic, browsers ignore the hosts of scripts and 'self'.
  if (sourcesOf('script-src')?.includes("'strict-dynamic'") === true) return true;
  return ['script-src', 'style-src'].some((name) => sourcesOf(name)?.every((source) => source === "'none'") === true);
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, but for the directives of `contentSecurityPolicy`. */
export function resolveSecurityHeadersOptions(options: SecurityHeadersOptions): Required<SecurityHeadersOptions> {
  assertNames('securityHeaders', options, [
    'contentSecurityPolicy',
    'reportOnly',
    'hstsMaxAgeSeconds',
    'hstsSubdomains',
    'referrerPolicy',
  ]);
  const choices = readChoices(options, {
    reportOnly: [false, true],
    hstsSubdomains: [false, true],
    referrerPolicy: [...referrerPolicies, false],
  });
  const { contentSecurityPolicy = {}, hstsMaxAgeSeconds = 31_536_000 } = options;
  if (hstsMaxAgeSeconds !== false) assertInteger('hstsMaxAgeSeconds', hstsMaxAgeSeconds, 0, 2 ** 31 - 1);
  return { contentSecurityPolicy, hstsMaxAgeSeconds, ...choices };
}

function setMissing(handler: RequestHandler, name: string, value: string): void {
  if (handler.getHeader(name) === undefined) handler.setHeader(name, value);
}

type Directives = ReadonlyMap<string, readonly string[]>;

function readDirectives(given: unknown): Directives | undefined {
  if (given === false) return undefined;
  assertObject('contentSecurityPolicy', given);
  const directives = new Map(Object.entries(defaultDirectives));
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (!/^[a-z]+(?:-[a-z]+)*$/.test(name)) {
      throw wrongValue('A directive of contentSecurityPolicy', 'a name such as script-src', name);
    }
    if (value === false) {
      directives.delete(name);
      continue;
    }
    const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!sources.every((source) => typeof source === 'string' && /^[!-+\--:<-~]*$/.test(source))) {
      const wanted = "false, a source such as 'self', or an array of sources without spaces, commas and semicolons";
      throw wrongValue(`contentSecurityPolicy.${name}`, wanted, value);
    }
    directives.set(
      name,
      (sources as readonly string[]).filter((source) => source !== ''),
    );
  }
  return directives;
}

/** Writes the policy. A nonce allows the scripts and styles that have it. */
function joinDirectives(directives: Directives, nonce?: string): string {
  const fallback = directives.get('default-src');
  const all = new Map(directives);
  for (const name of ['script-src', 'style-src']) {
    const sources = directives.get(name) ?? fallback;
    // Sources that allow every inline script are ignored beside a nonce.
    if (nonce === undefined || sources === undefined || sources.includes("'unsafe-inline'")) continue;
    all.set(name, [...sources.filter((source) => source !== "'none'"), `'nonce-${nonce}'`]);
  }
  return [...all].map(([name, sources]) => [name, ...sources].join(' ')).join('; ');
}
