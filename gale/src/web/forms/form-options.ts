/** The options of one form: its place in the page, and the language of its reader. */
import { assertNames, assertString } from '../../run/given-options.ts';
import { assertFormId } from './form-definition.ts';
import type { FormLocale, FormRequest } from './form-request.ts';
import { FormTranslator, type Translate } from './form-translator.ts';

/** Options of one form. */
export interface FormOptions {
  /** Id of this form, instead of that of the class. @defaultValue that of the class */
  readonly id?: string;
  /** URL that receives the form. @defaultValue the URL of the page */
  readonly action?: string;
  /** Language of the reader, as a BCP 47 tag. Messages are in English and Chinese; `translate` has precedence. @defaultValue that of `locale` of the handler; 'en' without the setting `locale` */
  readonly language?: string;
  /** Translates labels, hints and messages, whose English texts are the keys. @defaultValue `locale` of the handler; none without the setting */
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
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveFormOptions(
  options: FormOptions,
  idByDefault: string,
  request: FormRequest,
): ResolvedFormOptions {
  assertNames('form', options, ['id', 'action', 'language', 'translate']);
  const { id = idByDefault, action } = options;
  assertFormId(id);
  if (action !== undefined) assertString('action', action);
  return { id, action, translator: translatorOf(options, request) };
}

/** Reads the locale only if it is needed: the response then depends on Accept-Language. */
function translatorOf({ language, translate }: FormOptions, request: FormRequest): FormTranslator {
  const hasLocale = request.application?.locales !== undefined;
  if (!hasLocale || (language !== undefined && translate !== undefined)) {
    return new FormTranslator(language ?? 'en', translate);
  }
  const { locale } = request;
  return new FormTranslator(language ?? locale?.code ?? 'en', translate ?? (locale && textsOf(locale)));
}

function textsOf(locale: FormLocale): Translate {
  return (text, plural, count) =>
    plural === undefined || count === undefined ? locale.translate(text) : locale.translate(text, plural, count);
}
