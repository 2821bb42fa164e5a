/** An application as another one sees it: something that handles all requests below a path. */
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { Logger } from '../run/log.ts';
import type { Middleware } from './middleware/middleware.ts';
import type { PathArgument } from './path-pattern.ts';

/** Handles the requests of one place where an application is mounted. */
export interface Place {
  /** @param path - Path of the request below the place, in its normal form; begins with a slash. */
  handle(request: HttpRequest, response: HttpResponse, path: string): void;
}

/** An application that can be mounted. The type parameters are those of its routes, for `reverseUrl` of the outer application. */
export abstract class Mountable<Paths = unknown, Options = unknown, Handlers = unknown> {
  /** Only a type: it has no value. */
  declare protected readonly routeTypes?: {
    readonly paths: Paths;
    readonly options: Options;
    readonly handlers: Handlers;
  };

  /**
   * Creates a place. An application can have several, and listen too.
   *
   * @param prefix - Path of the place, percent-encoded, without a slash at the end.
   * @param around - The middlewares of the outer applications, in order.
   * @internal
   */
  abstract placeAt(prefix: string, around: readonly Middleware[]): Place;

  /** Path of one of its routes, without the place. @internal */
  abstract reverseUrl(
    name: string,
    ...values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]
  ): string;

  /** Methods that any of its handlers knows. @internal */
  abstract get methods(): readonly string[];

  /**
   * Uses another log and clock, for gale/testing.
   *
   * @returns Restores the previous ones.
   * @internal
   */
  abstract useTools(tools: { readonly log: Logger; readonly now: () => number }): () => void;
}
