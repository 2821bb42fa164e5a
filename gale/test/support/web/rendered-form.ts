/**
 * Reads the HTML of a form as strictly as possible, and submits it like a browser. Text that is not escaped is an error, so a test that
 * reads a form also tests its escaping.
 */
import assert from 'node:assert/strict';
import { xhtmlUnescape } from '../../../src/web/escape.ts';

/** An element with its text. */
export interface RenderedElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text inside of it. */
  text: string;
  /** The select around an option. */
  readonly parent: RenderedElement | undefined;
}

const escaped = String.raw`(?:[^<>"'&]|&(?:amp|lt|gt|quot|#x27|#13);)*`;
const token = new RegExp(
  String.raw`<(?<end>/?)(?<name>[a-z0-9]+)(?<attributes>(?: [a-z-]+(?:="${escaped}")?)*)/?>|(?<text>${escaped})`,
  'y',
);
const empty = new Set(['input']);

/** The element with an id. */
export function withId(html: string, id: string): RenderedElement {
  const found = readHtml(html).find(({ attributes }) => attributes['id'] === id);
  assert.ok(found, `no element has the id ${id}`);
  return found;
}

/** All elements in order. */
export function readHtml(html: string): RenderedElement[] {
  const elements: RenderedElement[] = [];
  const open: RenderedElement[] = [];
  for (token.lastIndex = 0; token.lastIndex < html.length;) {
    const from = token.lastIndex;
    const { end, name = '', attributes = '', text } = token.exec(html)?.groups ?? {};
    assert.ok(token.lastIndex > from, `not escaped: ${html.slice(from, from + 100)}`);
    if (text !== undefined) for (const element of open) element.text += unescape(text);
    else if (end === '/') assert.equal(open.pop()?.name, name, html.slice(from, from + 100));
    else {
      const element = { name, attributes: readAttributes(attributes), text: '', parent: open.at(-1) };
      elements.push(element);
      if (!empty.has(name)) open.push(element);
    }
  }
  assert.deepEqual(open, []);
  return elements;
}

/** What a browser sends for the form: names and values in order. Files are not sent. */
export function submit(html: string): [name: string, value: string][] {
  const elements = readHtml(html);
  const entries: [string, string][] = [];
  for (const element of elements) {
    const { name, attributes } = element;
    const { name: field, type, value = '' } = attributes;
    if (field === undefined) continue;
    if (name === 'textarea') entries.push([field, element.text.replace(/^\n/, '')]);
    else if (name === 'select') {
      const options = elements.filter(({ parent }) => parent === element);
      const chosen = options.filter((option) => 'selected' in option.attributes);
      if (chosen.length === 0 && !('multiple' in attributes)) chosen.push(...options.slice(0, 1));
      entries.push(...chosen.map((option): [string, string] => [field, option.attributes['value'] ?? option.text]));
    } else if (type === 'checkbox' || type === 'radio') {
      if ('checked' in attributes) entries.push([field, value]);
    } else if (type !== 'file') entries.push([field, type === 'hidden' ? value : value.replaceAll(/[\r\n]/g, '')]);
  }
  return entries.map(([field, value]) => [field, value.replaceAll(/\r\n?|\n/g, '\r\n')]);
}

function readAttributes(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
    assert.ok(!(name in found), `${name} is written twice`);
    found[name] = unescape(value);
  }
  return found;
}

function unescape(text: string): string {
  // Parsers of HTML replace carriage returns, and then decode references.
  return xhtmlUnescape(text.replaceAll(/\r\n?/g, '\n'));
}
