/** Errors of the files of a locale: `locale/de.po:12: the text has no closing quote.` */
import { GaleError } from '../../errors.ts';
import type { EntryLimit } from './catalog.ts';

/**
 * Creates the error for a file that cannot be used.
 *
 * @param place - The file, with its line if there is one: `locale/de.po:12`.
 * @param reason - What is wrong, without a full stop.
 */
export function localeFileError(place: string, reason: string, cause?: unknown): GaleError {
  return new GaleError('LOCALE_FILE', `${place}: ${reason}.`, cause === undefined ? {} : { cause });
}

/** The reason for an error of files with too many texts. */
export function tooManyTexts({ maxEntries }: EntryLimit): string {
  return `the files have more than maxEntries (${maxEntries}) texts`;
}
