/** A value of a request does not match its schema. */
import { HttpError } from '../http-error.ts';

/** One wrong value of a request. */
export interface ValidationIssue {
  /** Where the value is: `items[0].name`. Empty for the whole. */
  readonly path: string;
  /** What is wrong with it, in the words of the schema. */
  readonly message: string;
}

/** Which part of a request a schema checks. */
export type ValidatedPart = 'body' | 'query' | 'params';

const names: Readonly<Record<ValidatedPart, string>> = { body: 'body', query: 'query', params: 'path' };

/**
 * Ends a request whose body (422), query or path (400) does not match a schema. The client gets the list of issues as `errors` of the
 * problem. Override `writeError` for another response.
 */
export class ValidationError extends HttpError {
  override readonly name: string = 'ValidationError';
  /** Which part of the request is wrong. */
  readonly part: ValidatedPart;
  /** What is wrong, at most 50 entries. */
  readonly issues: readonly ValidationIssue[];

  /** @param count - Number of all issues, if it is more than `issues` has. */
  constructor(part: ValidatedPart, issues: readonly ValidationIssue[], count: number = issues.length) {
    const more = count > issues.length ? `; the first ${issues.length} of ${count} errors are listed` : '';
    const detail = `The ${names[part]} of the request is not valid${more}.`;
    super(part === 'body' ? 422 : 400, undefined, { problem: { detail, errors: issues } });
    this.part = part;
    this.issues = issues;
  }
}
