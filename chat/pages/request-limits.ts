/**
 * Limits of the pages and forms: one person, or one address of visitors who are not signed in, cannot use all the time of a server. The
 * commands of windows have limits of their own, as do sign-ins, registrations and links. Each server counts by itself.
 */
import type { RequestHandler } from 'gale';
import { toNetwork } from 'gale/http';
import { rateLimit, type Middleware } from 'gale/middleware';
import { PageHandler } from './page-handler.ts';

/** The limits that are options of the chat and of `npm start`. */
export interface RequestLimits {
  /** Pages, pictures and forms of one person in a minute. @defaultValue 1200 */
  readonly requestsPerMinute?: number;
  /** Forms of one person in a minute; each may change the database and notify other people. @defaultValue 60 */
  readonly formsPerMinute?: number;
  /** Pages and forms of all visitors of one address who are not signed in, in a minute; of one /64 for IPv6. @defaultValue 3000 */
  readonly visitorRequestsPerMinute?: number;
}

/** The defaults of {@link RequestLimits}. */
export const requestDefaults: Required<RequestLimits> = Object.freeze({
  requestsPerMinute: 1200,
  formsPerMinute: 60,
  visitorRequestsPerMinute: 3000,
});

/** Creates the middlewares. Built files, sockets and health checks are not counted. A request over a limit gets 429 and `Retry-After`. */
export function requestLimits(limits: RequestLimits = {}): Middleware[] {
  const { requestsPerMinute, formsPerMinute, visitorRequestsPerMinute } = { ...requestDefaults, ...limits };
  return [
    { processRequest: (handler) => (handler instanceof PageHandler ? handler.loadSender() : undefined) },
    rateLimit({ name: 'visitors', limit: visitorRequestsPerMinute, key: addressOfVisitor }),
    rateLimit({ name: 'requests', limit: requestsPerMinute, key: personOf }),
    rateLimit({ name: 'forms', limit: formsPerMinute, key: personOfForm }),
  ];
}

function personOf(handler: RequestHandler): string | undefined {
  return handler instanceof PageHandler ? handler.sender?.person.id : undefined;
}

function personOfForm(handler: RequestHandler): string | undefined {
  return handler.request.method === 'POST' ? personOf(handler) : undefined;
}

function addressOfVisitor(handler: RequestHandler): string | undefined {
  return handler instanceof PageHandler && !handler.sender ? toNetwork(handler.request.remoteAddress) : undefined;
}
