/**
 * The preconditions of a request (RFC 9110 §13): which version of a resource the client has, or requires. This file evaluates
 * them in the order of §13.2.2; response-builder.ts sends 304 and 412.
 *
 * Where the RFC leaves a choice, a condition that cannot be read never lets a write through: a malformed If-Match is not met,
 * nor is a malformed If-None-Match of a method that writes. A malformed If-None-Match of GET matches nothing, so the client gets
 * the whole response. A date that is not one of the three forms is ignored, as the RFC requires.
 */
import { GaleError } from '../errors.ts';
import type { HeaderList } from '../http/protocol/header-list.ts';
import { hasTag, isStrongMatch, isWeakMatch } from './entity-tag.ts';
import type { HttpRequest } from '../http/request.ts';
import { findField, findTag, headerField, type HeaderField } from './header-fields.ts';
import { parseHttpDate } from './http-date.ts';
import { Finish, HttpError } from './http-error.ts';

/** What identifies the current version of a resource. */
export interface CurrentVersion {
  /** Its entity tag, with the quotes. */
  readonly etag: string | undefined;
  /** Its last change, in whole seconds but as milliseconds since 1970. */
  readonly lastModified: number | undefined;
  /** Whether there is a version at all. */
  readonly exists: boolean;
}

/** Result: perform the method, respond with 304, or respond with 412. */
export type ConditionResult = 'perform' | 'unchanged' | 'failed';

/** Whether a method reads, so that its conditions concern a cached response. */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether a method writes: all except those without a version to select or change (RFC 9110 §13.2.1). */
export function isWriting(method: string): boolean {
  return !isReading(method) && method !== 'OPTIONS' && method !== 'TRACE' && method !== 'CONNECT';
}

/**
 * Reads what a handler knows of the current version. A time in the future counts as now.
 *
 * @param exists - Whether there is a version. Undefined: if there is a tag or a time.
 * @throws {@link GaleError} `WEB_HEADER` if `etag` is not in double quotes or `lastModified` is not a valid Date.
 */
export function toCurrentVersion(
  etag: string | undefined,
  lastModified: Date | undefined,
  exists: boolean | undefined,
): CurrentVersion {
  if (lastModified !== undefined && !((lastModified as unknown) instanceof Date)) {
    throw new GaleError('WEB_HEADER', `lastModified must be a Date; got a ${typeof lastModified}.`);
  }
  return {
    etag: etag === undefined ? undefined : headerField('ETag', etag)[1],
    lastModified: lastModified === undefined ? undefined : parseHttpDate(headerField('Last-Modified', lastModified)[1]),
    exists: exists ?? (etag !== undefined || lastModified !== undefined),
  };
}

/** Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, each only if it applies. */
export function evaluateConditions(method: string, headers: HeaderList, current: CurrentVersion): ConditionResult {
  const match = headers.get('if-match');
  if (match !== undefined) {
    if (!isMatched(match, current, isStrongMatch)) return 'failed';
  } else if (isLater(current, headers.get('if-unmodified-since')) === true) return 'failed';
  const noneMatch = headers.get('if-none-match');
  if (noneMatch !== undefined) {
    const matched = isMatched(noneMatch, current, isWeakMatch);
    if (isReading(method)) return matched === true ? 'unchanged' : 'perform';
    return matched === false ? 'perform' : 'failed';
  }
  return isReading(method) && isLater(current, headers.get('if-modified-since')) === false ? 'unchanged' : 'perform';
}

/** Evaluates the preconditions of a GET or HEAD by the ETag and Last-Modified of its response. */
export function evaluateResponse({ method, headers }: HttpRequest, fields: readonly HeaderField[]): ConditionResult {
  const etag = findTag(fields);
  // A `head` of its own need not know the tag of the body of `get`.
  const isTagUnknown = etag === undefined && method === 'HEAD';
  if (isTagUnknown && (headers.has('if-match') || headers.has('if-none-match'))) return 'perform';
  const lastModified = parseHttpDate(findField(fields, 'last-modified') ?? '');
  return evaluateConditions(method, headers, { etag, lastModified, exists: true });
}

/** The error that ends a verb with this result: 412 for `failed`, {@link Finish} for `unchanged`. */
export function endOf(result: ConditionResult): HttpError | Finish | undefined {
  if (result === 'perform') return undefined;
  return result === 'failed' ? preconditionFailed() : new Finish();
}

/** The 412. */
export function preconditionFailed(): HttpError {
  const detail = 'A precondition of the request does not hold: the resource has changed. Read it again.';
  return new HttpError(412, undefined, { problem: { detail } });
}

/**
 * Whether `If-Range` names the current version, so that a range of it may be sent (RFC 9110 §13.1.5).
 *
 * @param now - Milliseconds since 1970. A date within the last second is not a strong validator: the resource may have changed
 *   twice in that second (§8.8.2.2).
 */
export function isRangeCurrent(
  condition: string,
  { etag, lastModified }: Pick<CurrentVersion, 'etag' | 'lastModified'>,
  now: number = Date.now(),
): boolean {
  if (condition.includes('"')) return etag !== undefined && isStrongMatch(condition, etag);
  return lastModified !== undefined && lastModified <= now - 1000 && parseHttpDate(condition, now) === lastModified;
}

/** Whether `*` or a list matches. Undefined if the list is malformed. */
function isMatched(
  header: string,
  { etag, exists }: CurrentVersion,
  isSame: (left: string, right: string) => boolean,
): boolean | undefined {
  if (header === '*') return exists;
  // Without a tag nothing matches, but a malformed list is still found.
  return hasTag(header, etag ?? '', isSame);
}

/** Whether the current version is later than a date. Undefined without a date of HTTP, or if the last change is unknown. */
function isLater({ lastModified }: CurrentVersion, date: string | undefined): boolean | undefined {
  if (date === undefined || lastModified === undefined) return undefined;
  const limit = parseHttpDate(date);
  return limit === undefined ? undefined : lastModified > limit;
}
