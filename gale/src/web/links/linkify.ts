/** Makes the links of a text clickable: escaped text with `<a>` elements. links.ts has the rules of what is a link. */
import { assertNames, readChoices, wrongValue } from '../../run/given-options.ts';
import { xhtmlEscape } from '../escape.ts';
import { splitLinks } from './links.ts';

/** Options of {@link linkify}. */
export interface LinkifyOptions {
  /** Whether a long path is shown as its beginning and `…`, with the whole address as `title`. The host is always shown. @defaultValue false */
  readonly shorten?: boolean;
  /** Attributes of every `<a>`, or a function of the address that returns them, such as `{ rel: 'nofollow' }`. Escaped. @defaultValue none */
  readonly attributes?: Readonly<Record<string, string>> | ((href: string) => Readonly<Record<string, string>>);
  /** Whether only addresses with a scheme are links. Otherwise `www.example.com` is a link to `http://www.example.com`. @defaultValue false */
  readonly requireProtocol?: boolean;
  /** Schemes of links: `http`, `https` and `mailto`. Other addresses stay text. @defaultValue `http` and `https` */
  readonly permittedProtocols?: readonly ('http' | 'https' | 'mailto')[];
}

const knownProtocols = ['http', 'https', 'mailto'] as const;
/** Characters of a link after which a long path is shortened. */
const shownChars = 30;
/** Characters of the path that are shown then. */
const shownPathChars = 8;

/**
 * Escapes a text for HTML and makes its links clickable. Print the result with `{% raw linkify(text) %}`.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * linkify('<b> www.example.com!'); // &lt;b&gt; <a href="http://www.example.com">www.example.com</a>!
 */
export function linkify(text: string, options: LinkifyOptions = {}): string {
  const { shorten, attributesOf, www, protocols } = resolveLinkifyOptions(options);
  return splitLinks(text, { www })
    .map((part) => {
      const { href } = part;
      const shown = xhtmlEscape(part.text);
      if (href === undefined || !protocols.includes(href.slice(0, href.indexOf(':')).toLowerCase())) return shown;
      const short = shorten ? shortened(part.text) : part.text;
      const title = short === part.text ? '' : ` title="${xhtmlEscape(href)}"`;
      return `<a href="${xhtmlEscape(href)}"${title}${attributesOf(href)}>${xhtmlEscape(short)}</a>`;
    })
    .join('');
}

interface ResolvedLinkifyOptions {
  readonly shorten: boolean;
  readonly attributesOf: (href: string) => string;
  readonly www: boolean;
  readonly protocols: readonly string[];
}

function resolveLinkifyOptions(options: LinkifyOptions): ResolvedLinkifyOptions {
  assertNames('linkify', options, ['shorten', 'attributes', 'requireProtocol', 'permittedProtocols']);
  const { shorten, requireProtocol } = readChoices(options, {
    shorten: [false, true],
    requireProtocol: [false, true],
  });
  const { attributes, permittedProtocols: protocols = ['http', 'https'] } = options;
  if (!Array.isArray(protocols) || !protocols.every((name) => knownProtocols.includes(name))) {
    throw wrongValue('permittedProtocols', `an array of ${knownProtocols.join(', ')}`, protocols);
  }
  const fixed = typeof attributes === 'function' ? '' : writeAttributes(attributes);
  const attributesOf =
    typeof attributes === 'function'
      ? (href: string): string => writeAttributes(attributes(href))
      : (): string => fixed;
  return { shorten, attributesOf, www: !requireProtocol, protocols };
}

function writeAttributes(attributes: unknown): string {
  if (attributes === undefined) return '';
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    throw wrongValue('attributes', "an object such as { rel: 'nofollow' }, or a function that returns one", attributes);
  }
  return Object.entries(attributes as Readonly<Record<string, unknown>>)
    .map(([name, value]) => {
      if (!/^[a-z][a-z\d-]*$/i.test(name) || /^href$/i.test(name)) {
        throw wrongValue('A name in attributes', 'the name of an attribute other than href', name);
      }
      if (typeof value !== 'string') throw wrongValue(`attributes.${name}`, 'a string', value);
      return ` ${name}="${xhtmlEscape(value)}"`;
    })
    .join('');
}

/** The address up to the first characters of its path. A host is never shortened, because its end says whose it is. */
function shortened(address: string): string {
  if (address.length <= shownChars) return address;
  const path = /^(?:[a-z]+:\/\/)?[^/?#]*\/?/i.exec(address)?.[0] ?? '';
  const first = Array.from(address.slice(path.length).split(/[/?#.]/, 1)[0] ?? '').slice(0, shownPathChars);
  const short = `${path}${first.join('')}…`;
  return short.length < address.length ? short : address;
}
