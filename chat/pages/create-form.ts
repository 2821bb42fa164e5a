/**
 * A form of a page: its texts are those of the pages, in the language of the reader.
 */
import type { Form, FormClass, FormFields, FormValues } from 'gale/forms';
import { isPageKey } from '../locale/pages/index.ts';
import type { PageHandler } from './page-handler.ts';

/** @param action - Where it is sent. */
export function createForm<Fields extends FormFields>(
  handler: PageHandler,
  formClass: FormClass<Fields, FormValues<Fields>>,
  action: string = handler.request.path,
): Form<Fields, FormValues<Fields>> {
  const { language, t } = handler;
  // Labels of time zones and languages are no keys.
  const translate = (text: string): string => (isPageKey(text) ? t(text) : text);
  return new formClass(handler, { action, language, translate });
}
