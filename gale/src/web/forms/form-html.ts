/** Writes a form around its fields: the start, the summary of errors, and the button. */
import { xhtmlEscape } from '../escape.ts';
import { element, startTag, textElement } from './attributes.ts';
import type { FieldView } from './field-view.ts';
import type { FormError } from './form-error.ts';
import { pageTexts } from './form-texts.ts';
import type { FormTranslator } from './form-translator.ts';

/** The start tag. Browsers do not validate: their messages are in another language, and screen readers may miss them. */
export function formStart(options: {
  readonly id: string;
  readonly method: 'post' | 'get';
  readonly action: string | undefined;
  readonly hasFiles: boolean;
}): string {
  const { id, method, action, hasFiles } = options;
  const enctype = hasFiles ? 'multipart/form-data' : undefined;
  return startTag('form', {
    class: 'form',
    id,
    method,
    action,
    enctype,
    'accept-charset': 'utf-8',
    novalidate: true,
  });
}

/** The id of the summary of errors. */
export function summaryId(formId: string): string {
  return `${formId}-errors`;
}

/**
 * The summary of errors, which links to their fields. Without errors of fields it is only their texts. It is announced as an alert, and
 * has the focus if no field has it.
 *
 * @param linkTo - Id of the input to which an error links; `undefined` for none.
 */
export function summaryHtml(
  errors: readonly FormError[],
  options: {
    readonly id: string;
    readonly hasFocus: boolean;
    readonly translator: FormTranslator;
    viewOf(name: string): FieldView;
    linkTo(name: string): string | undefined;
  },
): string {
  if (errors.length === 0) return '';
  const { id, hasFocus, translator, viewOf, linkTo } = options;
  const attributes = { class: 'form-errors', id: summaryId(id), role: 'alert', tabindex: -1, autofocus: hasFocus };
  if (errors.every(({ field }) => field === undefined)) {
    return element('div', attributes, errors.map(({ message }) => textElement('p', {}, message)).join('\n'));
  }
  const items = errors.map(({ field, message, lang }) => {
    const label = field === undefined ? '' : viewOf(field).label;
    const text = lang === undefined ? xhtmlEscape(message) : textElement('span', { lang }, message);
    const html = label === '' ? text : `${xhtmlEscape(label)}: ${text}`;
    const target = field === undefined ? undefined : linkTo(field);
    return element('li', {}, target === undefined ? html : element('a', { href: `#${target}` }, html));
  });
  const title = textElement(
    'p',
    { class: 'form-errors-title', id: `${summaryId(id)}-title`, lang: translator.lang },
    translator.text(pageTexts.summary),
  );
  return element('div', attributes, `\n${title}\n<ul>\n${items.join('\n')}\n</ul>\n`);
}

/** The button that sends the form. */
export function submitHtml(text: string, lang: string | undefined): string {
  return element('div', { class: 'form-buttons' }, textElement('button', { type: 'submit', lang }, text));
}
