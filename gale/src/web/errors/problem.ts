/**
 * The public details of an error: a problem of RFC 9457, sent as `application/problem+json` or inside the HTML of an
 * error page.
 */
import { GaleError } from '../../errors.ts';
import { assertObject, assertString } from '../../run/given-options.ts';
import { toJsonText, type JsonRule } from '../../run/json-text.ts';

/**
 * Details of an error for the client. All of them are sent, so they must not contain secrets. `status` and `instance` are added by the
 * response.
 */
export interface ProblemDetails {
  /** URI that identifies the kind of problem, at best of a page about it. @defaultValue about:blank */
  readonly type?: string;
  /** Name of the kind of problem, the same for all problems of one type. @defaultValue the reason phrase */
  readonly title?: string;
  /** What is wrong with this request, for its sender. */
  readonly detail?: string;
  /** More members. An HTML page shows `errors` if it is a list of `{ path, message }`, and no other. */
  readonly [member: string]: unknown;
}

/** One wrong value of a request. */
export interface ValueError {
  /** Where the value is: `items[0].name`. */
  readonly path: string;
  /** What is wrong with it. */
  readonly message: string;
}

const rule: JsonRule = { must: 'problem must be an object that JSON can write', code: 'OPTION_VALUE' };
const ownMembers = ['status', 'instance'];

/**
 * Checks the option `problem` of an error.
 *
 * @returns A copy that can be sent.
 * @throws {@link GaleError} `OPTION_VALUE` for a wrong value, `OPTION_UNKNOWN` for a member that the response adds itself.
 */
export function checkProblem(problem: unknown): ProblemDetails {
  assertObject('problem', problem);
  for (const name of ['type', 'title', 'detail']) {
    const value: unknown = Reflect.get(problem, name);
    if (value !== undefined) assertString(`problem.${name}`, value);
  }
  for (const name of ownMembers) {
    if (name in problem) {
      throw new GaleError('OPTION_UNKNOWN', `problem.${name} is set by the error response; leave it out.`);
    }
  }
  return JSON.parse(toJsonText(problem, rule)) as ProblemDetails;
}

/** The member `errors` as far as it is a list of `{ path, message }`. */
export function valueErrorsOf({ errors }: ProblemDetails): readonly ValueError[] {
  if (!Array.isArray(errors)) return [];
  return (errors as readonly unknown[]).flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null || !('path' in entry) || !('message' in entry)) return [];
    const { path, message } = entry;
    return typeof path === 'string' && typeof message === 'string' ? [{ path, message }] : [];
  });
}
