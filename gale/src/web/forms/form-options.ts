/** The options of one form: its place in the page, and the language of its reader. */
import { assertNames, assertString } from '../../run/given-options.ts';
import { assertFormId } from './form-definition.ts';
import type { FormDefinition } from './form-definition.ts';
import type { FormLocale, FormRequest } from './form-request.ts';
import { FormTranslator, type Translate } from './form-translator.ts';
import { readerLanguage, type ReaderRequest } from './reader-language.ts';

/** Options of one form. */
export interface FormOptions {
  /** Id of this form, instead of that of the class. @defaultValue that of the class */
  readonly id?: string;
  /** URL that receives the form. @defaultValue the URL of the page */
  readonly action?: string;
  /** Language of the reader, as a BCP 47 tag. Messages are in English and Chinese; `translate` has precedence. @defaultValue that of the class; else that of `locale` of the handler; without the setting `locale` the one of Accept-Language */
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
 * @param definition - The class of forms.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveFormOptions(
  options: FormOptions,
  definition: FormDefinition,
  request: FormRequest,
): ResolvedFormOptions {
  assertNames('form', options, ['id', 'action', 'language', 'translate']);
  const { id = definition.id, action, language = definition.language } = options;
  assertFormId(id);
  if (action !== undefined) assertString('action', action);
  return { id, action, translator: translatorOf({ ...options, language }, request) };
}

/** Reads the locale and Accept-Language only if they are needed: the response then depends on the field. */
function translatorOf(
  { language, translate }: Pick<FormDefinition, 'language'> & Pick<FormOptions, 'translate'>,
  request: FormRequest,
): FormTranslator {
  const hasLocale = request.application?.locales !== undefined;
  if (!hasLocale && language === undefined && translate === undefined && isReaderRequest(request)) {
    return new FormTranslator(readerLanguage(request), undefined, { isReaders: true });
  }
  if (!hasLocale || (language !== undefined && translate !== undefined)) {
    return new FormTranslator(language ?? 'en', translate);
  }
  const { locale } = request;
  return new FormTranslator(language ?? locale?.code ?? 'en', translate ?? (locale && textsOf(locale)));
}

function isReaderRequest(request: FormRequest): request is FormRequest & ReaderRequest {
  return request.request !== undefined;
}

function textsOf(locale: FormLocale): Translate {
  return (text, plural, count) =>
    plural === undefined || count === undefined ? locale.translate(text) : locale.translate(text, plural, count);
}
