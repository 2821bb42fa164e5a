/** The schemas of a route, in its options. */
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** Standard Schemas that a request must fit before its verb runs. */
export interface RouteSchemas {
  /** For the parameters of the path. A request that does not fit is 400. */
  readonly params?: StandardSchemaV1;
  /** For the arguments of the query. A request that does not fit is 400. */
  readonly query?: StandardSchemaV1;
  /** For the body of POST, PUT and PATCH. A request that does not fit is 422. */
  readonly body?: StandardSchemaV1;
}

/** Methods whose body is validated. */
export const bodyMethods: readonly string[] = ['POST', 'PUT', 'PATCH'];
