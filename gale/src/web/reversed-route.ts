/** The types of `reverseUrl` of an application: the names of its routes, and the arguments of each path. */
import type { ParamNames, ParamPositions } from './path-params.ts';
import type { PathArgument } from './path-pattern.ts';
import type { RouteOptions } from './route.ts';

/** The names of the routes. Any text if the list has a type that does not say its names. */
export type RouteNames<Options> = { [Index in keyof Options]: NameOf<Options[Index]> } extends infer Names
  ? Names extends readonly unknown[]
    ? Names[number]
    : string
  : never;

// `unknown` are the options of a route without options.
type NameOf<Options> = unknown extends Options
  ? never
  : Options extends { readonly name: infer Name extends string }
    ? Name
    : RouteOptions extends Options
      ? string
      : never;

/** The arguments of the path of the route with this name: in order, or as one object. */
export type PathArguments<Paths, Options, Name> =
  PathNamed<Paths, Options, Name> extends infer Path
    ? [Path] extends [never]
      ? AnyArguments
      : Path extends string
        ? string extends Path
          ? AnyArguments
          : [ParamNames<Path>] extends [never]
            ? []
            : ParamPositions<Path, PathArgument> | [byName: { readonly [Param in ParamNames<Path>]: PathArgument }]
        : AnyArguments
    : never;

/** The arguments of any path. */
export type AnyArguments = readonly (PathArgument | Readonly<Record<string, PathArgument>>)[];

/** The path of the route with this name; `never` if it is not known. */
type PathNamed<Paths, Options, Name> = {
  [Index in keyof Paths]: Index extends keyof Options
    ? Options[Index] extends { readonly name: Name }
      ? Paths[Index]
      : never
    : never;
} extends infer Found
  ? Found extends readonly unknown[]
    ? Found[number]
    : never
  : never;
