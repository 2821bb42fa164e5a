/** The types of the routes of a group: with the prefix, the name and the `init` of the group. */
import type { Middleware } from './middleware/middleware.ts';
import type { RouteOptions } from './route.ts';

/** The options of a group. */
export interface GroupOptions extends Pick<RouteOptions, 'name' | 'init' | 'middleware'> {
  /**
   * The prefixes of the outer groups as one text, if functions of a nested group need their parameters: TypeScript does not know them
   * there. Another place of the group is an error when the application is created.
   *
   * @defaultValue none
   */
  readonly within?: string;
}

/** The prefix of a group after that of the outer groups, if they are named. */
export type PrefixWithin<Common, Prefix extends string> = Common extends {
  readonly within: infer Outer extends string;
}
  ? `${Outer}${Prefix}`
  : Prefix;

/** The path of a route in a group. */
export type JoinedPath<Prefix extends string, Path> = Prefix extends ''
  ? Path
  : Path extends string
    ? Path extends '/'
      ? Prefix
      : `${Prefix}${Path}`
    : Path;

/** The routes of a group, as routes of its list. */
export type Grouped<Prefix extends string, Common, Paths, Handlers, Options> = {
  readonly [Index in keyof Paths]: GroupedRoute<
    JoinedPath<Prefix, Paths[Index]>,
    Index extends keyof Handlers ? Handlers[Index] : never,
    GroupedOptions<Common, Index extends keyof Options ? Options[Index] : unknown>
  >;
};

type GroupedRoute<Path, Handler, Options> = readonly [path: Path, handler: Handler, options: Options];

type GroupedOptions<Common, Own> = { readonly middleware: readonly Middleware[] } & SchemasOption<Own> &
  NameOption<Common, Own> &
  InitOption<Common, Own>;

type SchemasOption<Own> = Own extends { readonly schemas: infer Schemas } ? { readonly schemas: Schemas } : unknown;

type NameOption<Common, Own> = Own extends { readonly name: infer Name extends string }
  ? Common extends { readonly name: infer First extends string }
    ? { readonly name: `${First}.${Name}` }
    : { readonly name: Name }
  : unknown;

type InitOption<Common, Own> = Own extends { readonly init: infer Init }
  ? { readonly init: Init }
  : Common extends { readonly init: infer Init }
    ? { readonly init: Init }
    : unknown;
