/** The package `gale/web`: the names of the web layer that few applications import; the others are in `gale`. No logic. */
export type { AuthenticatedOptions } from './web/unauthenticated.ts';
export type { BodyTransform } from './web/body-transform.ts';
export type { SiblingCoding } from './web/static/precompressed.ts';
export type { ConditionalHead } from './web/conditional-head.ts';
export type { Mountable } from './web/mountable.ts';
export type { HeadBuilder } from './web/head-builder.ts';
export type { ResponseSender } from './web/response-sender.ts';
export { ArgumentExchange } from './web/argument-exchange.ts';
export { CookieExchange } from './web/cookies/cookie-exchange.ts';
export type { UploadedFiles } from './web/multipart/multipart-form.ts';
export type { StreamedPart } from './web/multipart/streamed-part.ts';
export type { MoveOptions, UploadedFile } from './web/multipart/uploaded-file.ts';
export type { ValidatedParts } from './web/read-request.ts';
export type { RouteSchemas } from './web/validation/route-schemas.ts';
export { ValidationError } from './web/validation/validation-error.ts';
export type { ValidatedPart, ValidationIssue } from './web/validation/validation-error.ts';
export type { ProblemDetails } from './web/errors/problem.ts';
export type { EventStream } from './web/events/event-stream.ts';
export type { EventsOptions } from './web/events/events-options.ts';
export type { ServerEvent } from './web/events/event-text.ts';
export type { HealthCheck } from './web/health/health-checks.ts';
export { healthRoutes } from './web/health/health-routes.ts';
export type { HealthOptions, HealthRoutes } from './web/health/health-routes.ts';
export type { CheckedRoute, CheckedRoutes, GroupRoutes, MissingInit } from './web/checked-routes.ts';
export type { Grouped, GroupOptions, JoinedPath, PrefixWithin } from './web/grouped-routes.ts';
export type { Returned } from './web/returned-value.ts';
export type {
  FunctionContext,
  FunctionVerb,
  GroupParams,
  ParamsOf,
  Validated,
  VerbFunctions,
  WithoutBody,
} from './web/route.ts';
export type { ListedRoute } from './web/listed-route.ts';
export type { AnyArguments, PathArguments, RouteNames } from './web/reversed-route.ts';
export type { RouteHandler } from './web/route-checks.ts';
export type { TrailingSlash } from './web/settings.ts';
export type { ModuleResources } from './web/ui-modules/template-module.ts';
export type { ModuleFiles, PageModule, PageModuleClass, PageModules } from './web/ui-modules/page-module.ts';
export type { UIModuleClass } from './web/ui-modules/ui-module.ts';
