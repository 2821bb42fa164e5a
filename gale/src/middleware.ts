/** The package `gale/middleware`: what applications, groups, routes and handler classes list as `middleware`. No logic. */
export type { Middleware } from './web/middleware/middleware.ts';
export { basicAuth } from './web/middleware/basic-auth.ts';
export type { BasicAuthOptions } from './web/middleware/basic-auth.ts';
export { compress } from './web/middleware/compress.ts';
export type { CompressOptions } from './web/middleware/compress.ts';
export type { ContentCoding } from './web/middleware/accept-encoding.ts';
export { cors } from './web/middleware/cors.ts';
export type { CorsOptions } from './web/middleware/cors.ts';
export { rateLimit } from './web/middleware/rate-limit.ts';
export type { RateLimitOptions } from './web/middleware/rate-limit.ts';
export type { CountedRequest, RateLimitStore } from './web/middleware/rate-limit-store.ts';
export { requireUser } from './web/middleware/require-user.ts';
export type { RequireUserOptions, UserMiddleware } from './web/middleware/require-user.ts';
export { requestId } from './web/middleware/request-id.ts';
export type { RequestIdOptions } from './web/middleware/request-id.ts';
export { securityHeaders } from './web/middleware/security-headers.ts';
export type { ReferrerPolicy, SecurityHeadersOptions } from './web/middleware/security-headers.ts';
