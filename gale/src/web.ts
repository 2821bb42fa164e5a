/** The package `gale/web`: the names of the web layer that few applications import; the others are in `gale`. No logic. */
export { CookieExchange } from './web/cookies/cookie-exchange.ts';
export type { ProblemDetails } from './web/http-error.ts';
export { ValidationError } from './web/validation/validation-error.ts';
export type { ValidatedPart, ValidationIssue } from './web/validation/validation-error.ts';
