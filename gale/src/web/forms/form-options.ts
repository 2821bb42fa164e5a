/** The options of one form: its place in the page, and the language of its reader. */
import { assertNames, assertString } from '../../run/given-options.ts';
import { assertFormId } from './form-definition.ts';
import type { FormRequest } from './form-request.ts';
import { FormTranslator, type Translate } from './form-translator.ts';

/** Options of one form. */
export interface FormOptions {
  /** Id of this form, instead of that of the class. @defaultValue that of the class */
  readonly id?: string;
  /** URL that receives the form. @defaultValue the URL of the page */
  readonly action?: string;
  /** Language of the reader, as a BCP 47 tag. Messages are in English and Chinese; `translate` has precedence. @defaultValue the handler's `locale`, else 'en' */
  readonly language?: string;
  /** Translates labels, hints and messages, whose English texts are the keys. @defaultValue the handler's `locale`, else none */
  readonly translate?: Translate;
}

/** Options as forms keep them. */
interface ResolvedFormOptions {
  readonly id: string;
  readonly action: string | undefined;
  readonly translator: FormTranslator;
}

/**
 * @param idByDefault - Id of the class of forms.
 * @param locale - That of the handler.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveFormOptions(
  options: FormOptions,
  idByDefault: string,
  locale: FormRequest['locale'],
): ResolvedFormOptions {
  assertNames('form', options, ['id', 'action', 'language', 'translate']);
  const { id = idByDefault, action } = options;
  assertFormId(id);
  if (action !== undefined) assertString('action', action);
  const language = options.language ?? locale?.code ?? 'en';
  const translate = options.translate ?? (locale && ((...given) => locale.translate(...given)));
  return { id, action, translator: new FormTranslator(language, translate) };
}
