/**
 * A route as it is written in an application's list, and the types that hold it against its handler: what the verbs
 * receive follows from the path. All of the type machinery of routes is in this file.
 */
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { Application } from './application.ts';
import type { RequestHandler } from './handler.ts';

/** A class of handlers; one is made for each request. */
export type HandlerClass = (new (
  application: Application,
  request: HttpRequest,
  response: HttpResponse,
) => RequestHandler) & { readonly supportedMethods: readonly string[]; readonly readsOwnBody: boolean };

/** The third item of a route. */
export interface RouteOptions {
  /** For `reverseUrl`. */
  readonly name?: string;
  /** What `initialize` of the handler receives. */
  readonly init?: unknown;
}

/** Path or regular expression, handler, and more where it is needed. */
export type Route =
  | readonly [pattern: string | RegExp, handler: HandlerClass]
  | readonly [pattern: string | RegExp, handler: HandlerClass, options: RouteOptions];

/**
 * What the verbs of a handler receive for a path pattern, as one object.
 *
 * @example
 * type Params = PathParams<'/story/:id/*rest'>; // { id: string; rest: string }
 */
export type PathParams<Path extends string> = { readonly [Name in ParamNames<Path>]: string };

/**
 * The routes as they are if each handler fits its path; a route that does not is replaced by words that say why, so that
 * the compiler shows them.
 */
export type CheckedRoutes<Routes extends readonly Route[]> = {
  readonly [Index in keyof Routes]: CheckedRoute<Routes[Index]>;
};

type CheckedRoute<Item> = Item extends readonly [infer Path, infer Handler, ...infer Rest]
  ? Handler extends HandlerClass
    ? VerbProblem<Path, InstanceType<Handler>> extends infer Problem extends string
      ? [Problem] extends [never]
        ? readonly [Path, Handler, ...CheckedOptions<InstanceType<Handler>, Rest>]
        : Problem
      : never
    : Item
  : Item;

/** `never` if every verb takes what the path gives. A regular expression, or a path that is not a literal, is not checked. */
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
      : `${Verb}() of the handler does not take what the path ${Path} gives`
  : never;

/** What a verb is called with. */
type Given<Path extends string> = [ParamNames<Path>] extends [never] ? [] : [PathParams<Path>];

type CheckedOptions<Handler extends RequestHandler, Rest extends readonly unknown[]> =
  Parameters<Handler['initialize']> extends infer Values extends readonly unknown[]
    ? Values extends never[]
      ? Rest
      : Rest extends readonly [infer Options extends RouteOptions]
        ? readonly [Options & { readonly init: Values[0] }]
        : undefined extends Values[0]
          ? Rest
          : readonly [options: RouteOptions & { readonly init: Values[0] }]
    : Rest;

type Verbs = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options' | 'open';

/** Walks the path: at `:` or `*` a name begins, everything else is passed over. */
type ParamNames<Path extends string, Found extends string = never> = Path extends `${infer First}${infer Rest}`
  ? First extends ':' | '*'
    ? Rest extends `${NameStart}${string}`
      ? TakeName<Rest> extends readonly [infer Name extends string, infer Behind extends string]
        ? ParamNames<Behind, Found | Name>
        : never
      : ParamNames<Rest, Found>
    : ParamNames<Rest, Found>
  : Found;

type TakeName<Text extends string, Name extends string = ''> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? TakeName<Rest, `${Name}${First}`>
    : readonly [Name, Text]
  : readonly [Name, ''];

type Lower =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z';
type NameStart = Lower | Uppercase<Lower> | '_';
type NameCharacter = NameStart | '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
