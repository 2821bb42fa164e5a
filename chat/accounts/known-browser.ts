/**
 * A browser that signed in before: a signed cookie names it and the accounts. Strangers who guess at an account use up the tries of
 * strangers; a known browser has its own few. The cookie signs nobody in, and a stolen one gives those few tries only.
 */
import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'gale';

/** A browser, and whom it signed in. */
export interface KnownBrowser {
  /** Random. */
  readonly id: string;
  /** Ids of accounts, the last one first. */
  readonly accountIds: readonly string[];
}

/** Signed under this name, so that it is no other cookie. */
const cookieName = 'known';
/** Accounts that one browser is known to; a family may share one. */
const maxAccounts = 3;
const days = 365;

/** @returns The browser that sends the request; undefined if it is new, or the cookie forged or older than a year. */
export function findKnownBrowser(handler: RequestHandler): KnownBrowser | undefined {
  const [id, ...accountIds] = handler.getSignedCookie(cookieName, { maxAgeDays: days })?.split('.') ?? [];
  return id === undefined || accountIds.length === 0 ? undefined : { id, accountIds };
}

/** Makes the browser known to an account, for a year from now. */
export function rememberBrowser(handler: RequestHandler, accountId: string): void {
  const known = findKnownBrowser(handler);
  const id = known?.id ?? randomBytes(12).toString('base64url');
  const accountIds = [accountId, ...(known?.accountIds ?? []).filter((other) => other !== accountId)];
  // Ids are base64url, so a dot parts them.
  handler.setSignedCookie(cookieName, [id, ...accountIds.slice(0, maxAccounts)].join('.'), {
    expiresDays: days,
  });
}
