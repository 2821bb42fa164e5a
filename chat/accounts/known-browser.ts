/**
 * A browser that signed in before. A signed cookie contains its id and its accounts. Guesses from other browsers do not use up
 * the attempts of a known browser, which has a limit of its own. The cookie does not sign anybody in.
 */
import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'gale';

/** A browser and the accounts that signed in with it. */
export interface KnownBrowser {
  /** Random. */
  readonly id: string;
  /** Ids of accounts, the latest first. */
  readonly accountIds: readonly string[];
}

/** Part of the signature, so that the value of another cookie is not accepted. */
const cookieName = 'known';
/** Most accounts of one browser; a family may share it. */
const maxAccounts = 3;
const days = 365;

/** @returns The browser that sent the request; undefined if it is new or if its cookie is forged or older than a year. */
export function findKnownBrowser(handler: RequestHandler): KnownBrowser | undefined {
  const [id, ...accountIds] = handler.getSignedCookie(cookieName, { maxAgeDays: days })?.split('.') ?? [];
  return id === undefined || accountIds.length === 0 ? undefined : { id, accountIds };
}

/** Adds an account to the browser, for a year from now. */
export function rememberBrowser(handler: RequestHandler, accountId: string): void {
  const known = findKnownBrowser(handler);
  const id = known?.id ?? randomBytes(12).toString('base64url');
  const accountIds = [accountId, ...(known?.accountIds ?? []).filter((other) => other !== accountId)];
  // Ids are base64url, so a dot can separate them.
  handler.setSignedCookie(cookieName, [id, ...accountIds.slice(0, maxAccounts)].join('.'), {
    expiresDays: days,
  });
}
