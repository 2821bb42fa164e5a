/**
 * A route in the list of an application, and the types that check it against its handler: the path determines the
 * parameters of the verbs. All types that check routes are in this file.
 */
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { HandlerApplication, RequestHandler } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';

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
}

/** Path or regular expression, handler, and options if needed. */
export type Route =
  | readonly [pattern: string | RegExp, handler: HandlerClass]
  | readonly [pattern: string | RegExp, handler: HandlerClass, options: RouteOptions];

/**
 * The object that the verbs of a handler receive for a path pattern.
 *
 * @example
 * type Params = PathParams<'/story/:id/*rest'>; // { id: string; rest: string }
 */
export type PathParams<Path extends string> = { readonly [Name in ParamNames<Path>]: string };

/**
 * Each route itself if it fits its handler. A route that does not becomes a type that says why, so that the compiler
 * shows the reason.
 */
export type CheckedRoutes<Routes extends readonly Route[]> = {
  readonly [Index in keyof Routes]: CheckedRoute<Routes[Index]>;
};

/** In the type error of a route that has no `init`. */
export interface MissingInit<Reason extends string, Needed> {
  readonly reason: Reason;
  readonly needed: Needed;
}

// A route that fits stays the type that it is: each new tuple type costs the compiler about 1,500 instantiations.
type CheckedRoute<Item> = Item extends readonly [infer Path, infer Handler extends HandlerClass, ...infer Rest]
  ? VerbProblem<Path, InstanceType<Handler>> extends infer Problem extends string
    ? [Problem] extends [never]
      ? CheckedInit<Item, InitOf<InstanceType<Handler>>, Rest>
      : Problem
    : never
  : Item;

/** What the handler declares as `Init`, and what its `initialize` receives. */
type InitOf<Handler extends RequestHandler> = Handler['initialize'] extends (init: infer Received) => unknown
  ? Handler['init'] & Received
  : never;

type CheckedInit<Item extends readonly unknown[], Init, Rest extends readonly unknown[]> = Rest extends readonly [
  { readonly init: infer Given },
]
  ? Given extends Init
    ? Item
    : // The compiler compares once more, without the `readonly` that a literal got, and shows the wrong property.
      readonly [Item[0], Item[1], Rest[0] & { readonly init: Init }]
  : undefined extends Init
    ? Item
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

/** Names of the parameters of a path. Split at `:` and `*`, since a walk over every character costs much more. A backslash makes text of them. */
type ParamNames<Path extends string> = NameAfter<':', Path> | NameAfter<'*', Path>;

type NameAfter<Mark extends string, Path extends string> = Path extends `${infer Before}${Mark}${infer Rest}`
  ? (Before extends `${string}\\` ? never : NameOf<Rest>) | NameAfter<Mark, Rest>
  : never;

type NameOf<Text extends string> = Text extends `${NameStart}${string}` ? WordOf<Text> : never;

type WordOf<Text extends string, Word extends string = ''> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? WordOf<Rest, `${Word}${First}`>
    : Word
  : Word;

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
