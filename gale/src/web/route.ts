/**
 * A route in the list of an application or a group, and the types that infer the parameters of functions and check classes:
 * the path determines the parameters of the verbs.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { HandlerApplication, RequestHandler } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';
import type { Mountable } from './mountable.ts';
import type { PathParams } from './path-params.ts';
import type { Returned } from './returned-value.ts';
import type { RouteSchemas } from './validation/route-schemas.ts';

/** A class of handlers, with one object for each request. */
export type HandlerClass = (new (
  application: HandlerApplication,
  request: HttpRequest,
  response: HttpResponse,
) => RequestHandler) & {
  readonly supportedMethods: readonly string[];
  readonly bodyMode: 'parsed' | 'stream';
  readonly keepsPathEncoding: boolean;
  readonly middleware: readonly Middleware[];
  assertInit(init: unknown, argumentNames: readonly string[]): void;
};

/** The third item of a route. */
export interface RouteOptions {
  /** Name for `reverseUrl`. */
  readonly name?: string;
  /** `this.init` of the handler, and the argument of its `initialize`. */
  readonly init?: unknown;
  /** Validate the request before the verb; the results are `handler.validated`. */
  readonly schemas?: RouteSchemas;
  /** Runs around the handler, after the middleware of the application and of its groups. */
  readonly middleware?: readonly Middleware[];
}

/** The second argument of a function: its handler. `validated` has the results of the schemas of the route. */
export type FunctionContext<Schemas = unknown> = RequestHandler & { readonly validated: Validated<Schemas> };

/** The result of each schema of a route. */
export type Validated<Schemas> = {
  readonly [Name in keyof Schemas]: Schemas[Name] extends StandardSchemaV1
    ? StandardSchemaV1.InferOutput<Schemas[Name]>
    : undefined;
};

/**
 * A function as a handler. It receives the parameters of the path and its handler, and returns the response.
 *
 * @example
 * ['/hello/:name', ({ name }) => `Hello, ${name}!`]
 */
export type FunctionHandler<Params = Readonly<Record<string, string>>, Schemas = unknown> = (
  params: Params,
  handler: FunctionContext<Schemas>,
) => Returned | PromiseLike<Returned>;

/** Functions by verb. Without `head`, HEAD calls `get`. A schema of the body is for `post`, `put` and `patch`. */
export type VerbFunctions<Params = Readonly<Record<string, string>>, Schemas = unknown> = {
  readonly [Verb in FunctionVerb]?: FunctionHandler<
    Params,
    Verb extends 'post' | 'put' | 'patch' ? Schemas : WithoutBody<Schemas>
  >;
};

/** The schemas of a request whose body is not validated. */
export type WithoutBody<Schemas> = Schemas extends { readonly body: unknown } ? Omit<Schemas, 'body'> : Schemas;

/** Verbs that an object of functions can have. */
export type FunctionVerb = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';

/** Groups of a regular expression: a list, or an object by name. */
export type GroupParams = readonly string[] & Readonly<Record<string, string>>;

/** Parameters of a path for a function. */
export type ParamsOf<Path> = Path extends string ? PathParams<Path> : GroupParams;

/** Path or regular expression, handler, and options if needed. The parameters of a function are not checked here. */
export type Route = readonly [
  path: string | RegExp,
  handler: HandlerClass | AnyFunctionHandler | { readonly [Verb in FunctionVerb]?: AnyFunctionHandler } | Mountable,
  options?: RouteOptions,
];

// oxlint-disable-next-line typescript/no-explicit-any -- A function for any path, whatever its parameters.
type AnyFunctionHandler = FunctionHandler<any, any>;
