/** The types of `reverseUrl` of an application: the names of its routes, and the arguments of each path. */
import type { Mountable } from './mountable.ts';
import type { ParamNames, ParamPositions } from './path-params.ts';
import type { PathArgument } from './path-pattern.ts';
import type { RouteOptions } from './route.ts';

/**
 * The names of the routes, and those of mounted applications after the name of the mount: `api:item`. Any text if the list has a type
 * that does not say its names.
 */
export type RouteNames<Options, Handlers> = {
  [Index in keyof Options]: NameOf<Options[Index], Index extends keyof Handlers ? Handlers[Index] : unknown>;
} extends infer Names
  ? Names extends readonly unknown[]
    ? Names[number]
    : string
  : never;

// `unknown` are the options of a route without options.
type NameOf<Options, Handler> = unknown extends Options
  ? never
  : Options extends { readonly name: infer Name extends string }
    ? Name | NamesBelow<Name, Handler>
    : RouteOptions extends Options
      ? string
      : never;

type NamesBelow<Mount extends string, Handler> =
  Handler extends Mountable<infer _Paths, infer Options, infer Handlers>
    ? `${Mount}:${RouteNames<Options, Handlers>}`
    : never;

/** The arguments of the path of the route with this name: in order, or as one object. */
export type PathArguments<Paths, Options, Handlers, Name> =
  ItemNamed<Paths, Options, Name> extends infer Path
    ? [Path] extends [never]
      ? ArgumentsBelow<Options, Handlers, Name>
      : Path extends string
        ? string extends Path
          ? AnyArguments
          : [ParamNames<Path>] extends [never]
            ? []
            : ParamPositions<Path, PathArgument> | [byName: { readonly [Param in ParamNames<Path>]: PathArgument }]
        : AnyArguments
    : never;

/** The arguments of a route of a mounted application. */
type ArgumentsBelow<Options, Handlers, Name> = Name extends `${infer Mount}:${infer Inner}`
  ? ItemNamed<Handlers, Options, Mount> extends Mountable<infer Paths, infer InnerOptions, infer InnerHandlers>
    ? PathArguments<Paths, InnerOptions, InnerHandlers, Inner>
    : AnyArguments
  : AnyArguments;

/** The arguments of any path. */
export type AnyArguments = readonly (PathArgument | Readonly<Record<string, PathArgument>>)[];

/** The path or handler of the route with this name; `never` if it is not known. */
type ItemNamed<Items, Options, Name> = {
  [Index in keyof Items]: Index extends keyof Options
    ? Options[Index] extends { readonly name: Name }
      ? Items[Index]
      : never
    : never;
} extends infer Found
  ? Found extends readonly unknown[]
    ? Found[number]
    : never
  : never;
