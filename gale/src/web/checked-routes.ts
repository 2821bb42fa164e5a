/**
 * The types of a list of routes as an argument. They infer the parameters of functions, and check classes: whether their verbs
 * accept the parameters of the path, and whether the route has the `init` that they need.
 */
import type { JoinedPath } from './grouped-routes.ts';
import type { RequestHandler } from './handler.ts';
import type { Mountable } from './mountable.ts';
import type { ParamNames, PathParams } from './path-params.ts';
import type {
  FunctionHandler,
  FunctionVerb,
  HandlerClass,
  ParamsOf,
  Route,
  RouteOptions,
  VerbFunctions,
} from './route.ts';

/**
 * The list of routes of an application. Each type parameter is inferred as the tuple of one item of all routes; it must not have a
 * constraint, or TypeScript infers nothing. The type parameters are not the whole routes, since the compiler would then compare all routes
 * with all others.
 */
export type CheckedRoutes<Paths, Handlers, Options> =
  | RouteHints<Handlers, Options>
  | EachChecked<Paths, Handlers, Options>
  | FromBothEnds<Handlers, EachChecked<Paths, Handlers, Options>>;

type EachChecked<Paths, Handlers, Options> = {
  readonly [Index in keyof Paths]: CheckedRoute<
    Paths[Index],
    HandlerAt<Handlers, Index, Paths[Index]>,
    At<Options, Index>
  >;
};

/** The list of routes of a group. Classes and annotated functions are checked when the complete paths are known. */
export type GroupRoutes<Prefix extends string, Paths, Handlers, Options> =
  | RouteHints<Handlers, Options>
  | EachInGroup<Prefix, Paths, Handlers, Options>
  | FromBothEnds<Handlers, EachInGroup<Prefix, Paths, Handlers, Options>>;

type EachInGroup<Prefix extends string, Paths, Handlers, Options> = {
  readonly [Index in keyof Paths]: UncheckedRoute<
    Paths[Index],
    HandlerAt<Handlers, Index, Paths[Index]>,
    At<Options, Index>,
    ParamsOf<JoinedPath<Prefix, Paths[Index]>> & OwnParams<At<Handlers, Index>>
  >;
};

/**
 * The parameters that a function or functions by verb declare. With them, a function in a nested group can have parameters of an
 * outer prefix, which TypeScript does not know there.
 */
type OwnParams<Handler> = Handler extends HandlerClass
  ? unknown
  : Handler extends FirstArgument<infer Params>
    ? Params
    : Handler extends { readonly [Verb in FunctionVerb]?: FirstArgument<infer Params> }
      ? Params
      : unknown;

type FirstArgument<Params> = (params: Params, ...others: never) => unknown;

/**
 * For functions after a spread list, whose position TypeScript counts from the end, and only in a tuple that has a rest item. No list is
 * of this type. It is `never` as soon as the types of all functions are known, so that it is in no error message.
 */
type FromBothEnds<Handlers, Routes> = Handlers extends readonly unknown[]
  ? unknown extends Handlers[number]
    ? Routes extends readonly unknown[]
      ? readonly [...Routes, ...NoPath[], ...Routes]
      : never
    : never
  : never;

/**
 * From these, TypeScript infers. They are no actual routes, since a path is not `NoPath`. When the lists are known they are `never`, so that
 * they are in no error message.
 */
type RouteHints<Handlers, Options> = Handlers extends readonly unknown[] ? never : Hints<Handlers, Options>;

type Hints<Handlers, Options> =
  | { readonly [Index in keyof Handlers]: readonly [NoPath, Handlers[Index], unknown?] }
  | { readonly [Index in keyof Options]: readonly [NoPath, unknown, Options[Index]?] };

declare const noPath: unique symbol;
interface NoPath {
  readonly [noPath]: never;
}

/** For the items of an array of the type `Route[]` that is spread, and for all after it, the index is a number. */
type HandlerAt<Handlers, Index, Path> = number extends Index
  ? Route[0] extends Path
    ? unknown extends At<Handlers, Index>
      ? Route[1]
      : At<Handlers, Index>
    : At<Handlers, Index>
  : At<Handlers, Index>;

type At<List, Index> = Index extends keyof List ? List[Index] : unknown;

/** A route that fits its handler. For another, the compiler shows the type that says why. */
export type CheckedRoute<Path, Handler, Options> = [Handler] extends [HandlerClass]
  ? VerbProblem<Path, InstanceType<Handler>> extends infer Problem extends string
    ? [Problem] extends [never]
      ? CheckedInit<Path, Handler, InitOf<InstanceType<Handler>>, Options>
      : readonly [Path, Problem, RouteOptions?]
    : never
  : unknown extends Handler
    ? UncheckedRoute<Path, Handler, Options, ParamsOf<Path>>
    : // A list of the type `Route[]`.
      Route[1] extends Handler
      ? readonly [path: Route[0], handler: object, options?: RouteOptions]
      : UncheckedRoute<Path, Handler, Options, ParamsOf<Path>>;

/**
 * `object` is the type of functions that are known and fit: between two spread lists TypeScript expects any route of the list, and known
 * functions must not be what it expects of others. A function gets its parameters there if all unknown functions of the list have the same.
 */
type UncheckedRoute<Path, Handler, Options, Params> = readonly [
  path: Path,
  handler: unknown extends Handler
    ? FunctionsFor<Params, SchemasOf<Options>>
    : Handler extends HandlerClass | Mountable
      ? Handler
      : Handler extends FunctionsFor<Params, SchemasOf<Options>>
        ? Exclude<keyof Handler, FunctionVerb> extends never
          ? object
          : FunctionsFor<Params, SchemasOf<Options>>
        : FunctionsFor<Params, SchemasOf<Options>>,
  options?: RouteOptions,
];

type FunctionsFor<Params, Schemas> = FunctionHandler<Params, Schemas> | VerbFunctions<Params, Schemas>;

type SchemasOf<Options> = Options extends { readonly schemas: infer Schemas } ? Schemas : unknown;

/** In the type error of a route that has no `init`. */
export interface MissingInit<Reason extends string, Needed> {
  readonly reason: Reason;
  readonly needed: Needed;
}

/** What the handler declares as `Init`, and what its `initialize` receives. */
type InitOf<Handler extends RequestHandler> = Handler['initialize'] extends (init: infer Received) => unknown
  ? Handler['init'] & Received
  : never;

type CheckedInit<Path, Handler, Init, Options> = Options extends { readonly init: infer Given }
  ? Given extends Init
    ? readonly [Path, Handler, RouteOptions?]
    : // The compiler compares once more, without the `readonly` that a literal got, and shows the wrong property.
      readonly [Path, Handler, RouteOptions & { readonly init: Init }]
  : undefined extends Init
    ? readonly [Path, Handler, RouteOptions?]
    : MissingInit<'The handler needs `init` in its route: [path, Handler, { init: … }]', Init>;

/** `never` if every verb accepts the parameters of the path. Regular expressions and paths of type `string` are not checked. */
type VerbProblem<Path, Handler> = Path extends string
  ? string extends Path
    ? never
    : { [Verb in Verbs & keyof Handler]: OneProblem<Path, Handler, Verb> }[Verbs & keyof Handler]
  : never;

type OneProblem<Path extends string, Handler, Verb extends Verbs & keyof Handler> = Handler[Verb] extends (
  ...values: infer Values
) => unknown
  ? Values extends never[]
    ? never
    : Given<Path> extends Values
      ? never
      : `${Verb}() of the handler does not accept the parameters of the path ${Path}`
  : never;

/** Arguments of a verb. */
type Given<Path extends string> = [ParamNames<Path>] extends [never] ? [] : [PathParams<Path>];

type Verbs = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options' | 'open';
