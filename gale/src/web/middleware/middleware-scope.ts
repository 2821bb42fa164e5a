/** The middlewares that are around all routes of an application, and the list of each route, computed once. */
import type { CompiledRoute } from '../compiled-route.ts';
import type { Middleware } from './middleware.ts';
import { MiddlewareList } from './middleware-list.ts';

/** The middlewares of an application, or of one place where it is mounted. */
export class MiddlewareScope {
  /** Those around every route, in order. */
  readonly around: MiddlewareList;
  readonly #lists = new Map<CompiledRoute, MiddlewareList>();

  constructor(around: readonly Middleware[]) {
    this.around = new MiddlewareList(around);
  }

  /** The middlewares of a request to this route. */
  listOf(route: CompiledRoute): MiddlewareList {
    if (route.middleware.length === 0) return this.around;
    let list = this.#lists.get(route);
    if (list === undefined) {
      list = new MiddlewareList([...this.around.all, ...route.middleware]);
      this.#lists.set(route, list);
    }
    return list;
  }
}
