/** The package `gale`: the names that nearly every application imports. The other entries have the rest of each layer. No logic. */
// run
export { createLogger, logLevels } from './run/log.ts';
export type { Logger, LogLevel } from './run/log.ts';
export { defineOptions } from './run/options.ts';
export type { IntegerOption, Option, Options, OptionValues, SwitchOption, TextOption } from './run/options.ts';
export { runProgram } from './run/program.ts';
export type { ProgramOptions } from './run/program.ts';
export { RateLimitedWarning } from './run/rate-limited-warning.ts';
export type { ProgramProcess, Stoppable } from './run/serving-process.ts';
// errors
export { GaleError, ProtocolError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
// http; the rest is in gale/http
export { HttpServer } from './http/server.ts';
// web
export { Application } from './web/application.ts';
export type { ListeningServer } from './web/application.ts';
export { ResponseBuilder } from './web/response-builder.ts';
export type { Chunk } from './web/response-body.ts';
export type { ResponsePhase } from './web/response-state.ts';
export type { ArgumentOptions } from './web/arguments.ts';
export { authenticated } from './web/authenticated.ts';
export { formatCookie, parseCookies } from './web/cookies/cookies.ts';
export type { CookieOptions } from './web/cookies/cookies.ts';
export { ErrorHandler, type ErrorInit } from './web/error-handler.ts';
export { jsonEncode, squeeze, urlEscape, urlUnescape, xhtmlEscape, xhtmlUnescape } from './web/escape.ts';
export { Exchange } from './web/exchange.ts';
export { RequestHandler } from './web/handler.ts';
export type { ErrorDetails, HandlerApplication } from './web/handler.ts';
export type { HandlerSettings, ResolvedHandlerSettings } from './web/handler-settings.ts';
export type { HeaderField, HeaderValue } from './web/header-fields.ts';
export { Finish, HttpError, MissingArgumentError } from './web/http-error.ts';
export type { HttpErrorOptions } from './web/http-error.ts';
export type { Middleware } from './web/middleware/middleware.ts';
export type { PathArgument } from './web/path-pattern.ts';
export { RedirectHandler } from './web/redirect-handler.ts';
export type { RedirectInit } from './web/redirect-handler.ts';
export type { PathParams } from './web/path-params.ts';
export type { FunctionHandler, HandlerClass, Route, RouteOptions } from './web/route.ts';
export { group } from './web/route-group.ts';
export { safeNext } from './web/safe-next.ts';
export type { Session } from './web/sessions/session.ts';
export type { SessionValues } from './web/sessions/session-values.ts';
export type { ResolvedSettings, Settings, UiMethod } from './web/settings.ts';
export { createSignedValue, readSignedValue, signingKeyVersion } from './web/cookies/signed-value.ts';
export type { CookieSecret, SignOptions, VerifyOptions } from './web/cookies/signed-value.ts';
export { StaticFileHandler } from './web/static/static-file.ts';
export type { StaticFileInit } from './web/static/static-file.ts';
export type { StaticUrlOptions } from './web/static/static-url.ts';
export { WebSocketHandler } from './web/websocket-handler.ts';
export { DictLoader, Loader, TemplateLoader } from './web/template/loader.ts';
export type { LoaderOptions } from './web/template/loader.ts';
export type { TemplateFile } from './web/template/parse.ts';
export { Template } from './web/template/template.ts';
export type { TemplateOptions, TemplateSettings } from './web/template/template.ts';
export { TemplateError } from './web/template/template-error.ts';
export type { TemplateErrorCode, TemplatePlace } from './web/template/template-error.ts';
export { UIModule } from './web/ui-modules/ui-module.ts';
export type { WhitespaceMode } from './web/template/whitespace.ts';
export { addslash, removeslash } from './web/trailing-slash.ts';
// rooms; the rest is in gale/rooms
export { MemoryBroker } from './rooms/brokers/memory/memory-broker.ts';
export { SqliteBroker } from './rooms/brokers/sqlite/sqlite-broker.ts';
export { Rooms } from './rooms/rooms.ts';
export { RoomSocket } from './rooms/transports/room-socket.ts';
export { RoomError } from './rooms/room-error.ts';
export type { Person } from './rooms/stream.ts';
