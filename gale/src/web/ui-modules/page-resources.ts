/** Inserts the styles, scripts and HTML of UI modules into a page, at the places and in the order of Tornado. */
import { GaleError } from '../../errors.ts';
import { showText } from '../../run/shown-text.ts';
import { wrongValue } from '../../run/given-options.ts';
import type { PageModule } from './page-module.ts';
import type { ResourceElements } from './resource-elements.ts';

/** The resources of all modules of a page, each once, in the order of the modules' first use. */
export interface PageResources {
  /** URLs. */
  readonly javascriptFiles: ReadonlySet<string>;
  readonly embeddedJavascript: ReadonlySet<string>;
  /** URLs. */
  readonly cssFiles: ReadonlySet<string>;
  readonly embeddedCss: ReadonlySet<string>;
  readonly htmlHead: ReadonlySet<string>;
  readonly htmlBody: ReadonlySet<string>;
}

/** The page of {@link insertResources}. */
export interface PageOptions {
  /** Name of its template, for errors. */
  readonly template: string;
  /** Writes the elements of scripts and styles. */
  readonly elements: ResourceElements;
  /** The nonce for scripts and styles. Called only if there are some. @param hasInline - Whether the page has inline code of its modules. */
  readonly nonce: (hasInline: boolean) => string | undefined;
}

/**
 * Asks all modules for their resources.
 *
 * @param modules - By name, in the order of their first use.
 * @param toUrl - Makes the URL of a static file.
 * @throws {@link GaleError} `WEB_UI_MODULE` or `OPTION_VALUE` for a resource that cannot be inserted.
 */
export function collectResources(
  modules: ReadonlyMap<string, PageModule>,
  toUrl: (path: string) => string,
): PageResources {
  const all = [...modules];
  const texts = (method: TextMethod): ReadonlySet<string> =>
    new Set(all.flatMap(([name, module]) => readText(`${method} of UI module ${name}`, module[method](), method)));
  const urls = (method: 'cssFiles' | 'javascriptFiles'): ReadonlySet<string> =>
    new Set(all.flatMap(([name, module]) => readFiles(`${method} of UI module ${name}`, module[method](), toUrl)));
  return {
    javascriptFiles: urls('javascriptFiles'),
    embeddedJavascript: texts('embeddedJavascript'),
    cssFiles: urls('cssFiles'),
    embeddedCss: texts('embeddedCss'),
    htmlHead: texts('htmlHead'),
    htmlBody: texts('htmlBody'),
  };
}

type TextMethod = 'embeddedJavascript' | 'embeddedCss' | 'htmlHead' | 'htmlBody';

/** What would end the element of embedded code, and what to write instead. */
const endings: Readonly<Partial<Record<TextMethod, readonly [pattern: RegExp, advice: string]>>> = {
  embeddedCss: [/<\/style/i, 'write <\\/style'],
  // After <!-- and <script, the end of the element is not found.
  embeddedJavascript: [/<\/script|<!--/i, 'write <\\/script and <\\!--'],
};

function readText(what: string, text: unknown, method: TextMethod): string[] {
  if (text === undefined || text === '') return [];
  if (typeof text !== 'string') throw wrongValue(what, 'a string or undefined', text);
  const [pattern, advice] = endings[method] ?? [];
  const found = pattern?.exec(text)?.[0];
  if (found === undefined) return [text];
  throw new GaleError(
    'WEB_UI_MODULE',
    `${what} must not contain ${found}, which browsers read as markup; in a string, ${advice}.`,
  );
}

function readFiles(what: string, files: unknown, toUrl: (path: string) => string): string[] {
  if (files === undefined) return [];
  const paths: readonly unknown[] = Array.isArray(files) ? files : [files];
  return paths.map((path) => {
    if (typeof path !== 'string' || path === '') throw wrongValue(what, 'a path or an array of paths', path);
    return /^(?:\/|https?:)/i.test(path) ? path : toUrl(path);
  });
}

/**
 * Inserts resources into a page: before the last `</body>` linked and embedded scripts, before the first one `htmlBody`; before the first
 * `</head>` linked styles, embedded styles and `htmlHead`.
 *
 * @throws {@link GaleError} `WEB_UI_MODULE` if a tag is missing, `OPTION_VALUE` if a method that writes elements returns no string.
 */
export function insertResources(page: string, resources: PageResources, options: PageOptions): string {
  const { javascriptFiles, embeddedJavascript, cssFiles, embeddedCss, htmlHead, htmlBody } = resources;
  const inlineCount = embeddedJavascript.size + embeddedCss.size;
  const hasCode = inlineCount + javascriptFiles.size + cssFiles.size > 0;
  const nonce = hasCode ? options.nonce(inlineCount > 0) : undefined;
  const elements = (method: keyof ResourceElements, texts: ReadonlySet<string>): string => {
    if (texts.size === 0) return '';
    const html: unknown = options.elements[method]([...texts], nonce);
    if (typeof html !== 'string') throw wrongValue(`Result of ${method} of the handler`, 'a string', html);
    return line(html);
  };
  const scripts = elements('renderLinkedJs', javascriptFiles) + elements('renderEmbedJs', embeddedJavascript);
  const styles = elements('renderLinkedCss', cssFiles) + elements('renderEmbedCss', embeddedCss);
  const head = styles + line([...htmlHead].join(''));
  const body = line([...htmlBody].join(''));

  const headEnd = head === '' ? 0 : placeOf(page, 'head', 'first', resources, options);
  const lastBody = scripts === '' ? page.length : placeOf(page, 'body', 'last', resources, options);
  const firstBody = body === '' ? lastBody : placeOf(page, 'body', 'first', resources, options);
  const inserts: readonly Insert[] = [
    { at: headEnd, html: head },
    { at: lastBody, html: scripts },
    { at: firstBody, html: body },
  ];
  return insertAll(page, inserts);
}

interface Insert {
  readonly at: number;
  readonly html: string;
}

/** Inserts at places of the page as it was. At the same place, the order is that of the list. */
function insertAll(page: string, inserts: readonly Insert[]): string {
  let result = '';
  let end = 0;
  for (const { at, html } of inserts.toSorted((left, right) => left.at - right.at)) {
    result += page.slice(end, at) + html;
    end = at;
  }
  return result + page.slice(end);
}

/** Where the first or last end tag of an element begins. */
function placeOf(
  page: string,
  element: 'head' | 'body',
  which: 'first' | 'last',
  resources: PageResources,
  { template }: PageOptions,
): number {
  const tags = page.matchAll(element === 'head' ? /<\/head\s*>/gi : /<\/body\s*>/gi);
  let place: number | undefined;
  for (const { index } of tags) {
    place = index;
    if (which === 'first') break;
  }
  if (place !== undefined) return place;
  const names = element === 'head' ? headNames : bodyNames;
  const found = names.filter((name) => resources[name].size > 0).join(', ');
  throw new GaleError(
    'WEB_UI_MODULE',
    `Page ${showText(template)} has no </${element}>, before which ${found} of its UI modules are inserted. Add the tag, or use renderString for a part of a page.`,
  );
}

const headNames = ['cssFiles', 'embeddedCss', 'htmlHead'] as const;
const bodyNames = ['javascriptFiles', 'embeddedJavascript', 'htmlBody'] as const;

function line(html: string): string {
  return html === '' ? '' : `${html}\n`;
}
