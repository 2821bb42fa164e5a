/** Writes HTML elements. Every value is escaped here, and nowhere else in this folder. */
import { xhtmlEscape } from '../escape.ts';

/** Attributes by name, in the order of the element. `true` writes the name alone; `false` and `undefined` write nothing. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes an element without a content, or the start of one with a content.
 *
 * @param name - Not escaped, as are the names of the attributes.
 */
export function startTag(name: string, attributes: Attributes = {}): string {
  let tag = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    tag += value === true ? ` ${attribute}` : ` ${attribute}="${escapeValue(String(value))}"`;
  }
  return `${tag}>`;
}

/** Writes an element with its content. @param html - Not escaped. */
export function element(name: string, attributes: Attributes, html: string): string {
  return `${startTag(name, attributes)}${html}</${name}>`;
}

/** Writes an element that contains a text. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return element(name, attributes, xhtmlEscape(text));
}

/** A carriage return is written as a reference, because parsers of HTML change a literal one to a line feed. */
function escapeValue(value: string): string {
  return xhtmlEscape(value).replaceAll('\r', '&#13;');
}
