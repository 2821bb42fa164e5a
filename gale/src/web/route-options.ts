/** Checks of the options of a route and of a group. Each error names the path. */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { assertMiddleware } from './middleware/middleware.ts';
import type { GroupOptions } from './grouped-routes.ts';
import type { RouteOptions } from './route.ts';
import { isStandardSchema } from './validation/validate.ts';

/** Name of an option of a route or a group. */
export type OptionName = keyof RouteOptions | keyof GroupOptions;

/**
 * @param owner - The route or group, for messages.
 * @param names - The options that it can have.
 * @throws {@link GaleError} `WEB_ROUTE` if an option is unknown or wrong.
 */
export function assertRouteOptions(
  options: unknown,
  owner: string,
  names: readonly OptionName[],
): asserts options is RouteOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw refusal(owner, `must have options of the form { ${names.join(', ')} }; got ${showValue(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !names.includes(key as OptionName));
  if (unknown !== undefined) {
    throw refusal(
      owner,
      `must have no options but ${names.join(', ')}; got ${unknown}. Write { init: { ${unknown}: … } }`,
    );
  }
  const { name, schemas, middleware } = options as Partial<Record<OptionName, unknown>>;
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw refusal(owner, `must have a name that is a string and not empty; got ${showValue(name)}`);
  }
  if (schemas !== undefined) assertSchemas(schemas, owner);
  if (middleware !== undefined) assertMiddlewareOf(middleware, owner);
}

const schemaNames: readonly string[] = ['params', 'query', 'body'];

function assertSchemas(schemas: unknown, owner: string): void {
  const form = 'must have schemas of the form { params, query, body }';
  if (typeof schemas !== 'object' || schemas === null || Array.isArray(schemas)) {
    throw refusal(owner, `${form}; got ${showValue(schemas)}`);
  }
  for (const [name, schema] of Object.entries(schemas)) {
    if (!schemaNames.includes(name)) throw refusal(owner, `${form}; got ${name}`);
    if (schema === undefined || isStandardSchema(schema)) continue;
    const rule = `must have a Standard Schema as schemas.${name}, such as one of Zod, Valibot or ArkType`;
    throw refusal(owner, `${rule}; got ${showValue(schema)}`);
  }
}

function assertMiddlewareOf(middleware: unknown, owner: string): void {
  try {
    assertMiddleware('middleware', middleware);
  } catch (error) {
    throw refusal(owner, `must have valid options: ${(error as Error).message.replace(/\.$/, '')}`);
  }
}

function refusal(owner: string, rule: string): GaleError {
  return new GaleError('WEB_ROUTE', `${owner} ${rule}.`);
}
