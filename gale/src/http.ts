/** The package `gale/http`: the HTTP server, its requests, responses, options and timers. No logic. */
export { HttpServer } from './http/server.ts';
export type { CloseOptions } from './http/options/close-options.ts';
export type { BoundAddress } from './http/socket/acceptor.ts';
export type { ListenOptions } from './http/options/listen-options.ts';
export type { RequestListener } from './http/connection.ts';
export type { HttpServerOptions } from './http/options/server-options.ts';
export type { ProxyHeaderKind } from './http/proxy/forwarded.ts';
export { toNetwork } from './http/proxy/ip-address.ts';
export { HeaderList } from './http/protocol/header-list.ts';
export type { HttpRequest } from './http/request.ts';
export type { UpgradedConnection, UpgradeHandler } from './http/request.ts';
export type { RequestBody } from './http/body.ts';
export type { HttpResponse } from './http/response.ts';
export type { ResponseHeaders } from './http/protocol/response-head.ts';
export { reasonPhrase, reasonPhrases } from './http/protocol/status.ts';
export { TimerWheel } from './http/timing/timer-wheel.ts';
export type { Deadline, TimerWheelOptions } from './http/timing/timer-wheel.ts';
