/**
 * The token that proves to the setup page that its visitor can read the log of the server. Visitors on the machine itself need none.
 */
import { createHmac } from 'node:crypto';
import type { RequestHandler } from 'gale';
import { isSameText } from '../tokens.ts';

/** Letters and digits that are not mistaken for each other. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const characters = 20;

/**
 * Derives the token, so that all servers of a chat have the same, also after a restart.
 *
 * @param cookieSecret - The secret that signs cookies.
 * @returns 100 bits, such as `ABCDE-FGHJK-LMNPQ-RSTUV`.
 */
export function deriveSetupToken(cookieSecret: string): string {
  const bytes = createHmac('sha256', cookieSecret).update('setup token').digest().subarray(0, characters);
  const letters = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
  return letters.replaceAll(/.{5}(?=.)/g, '$&-');
}

/** Whether the typed text is the token. Takes the same time for every text; case, spaces and hyphens do not count. */
export function isSetupToken(typed: string, token: string): boolean {
  return isSameText(tidy(typed), tidy(token));
}

/** The number of characters of a token that count. */
export function countTokenCharacters(token: string): number {
  return tidy(token).length;
}

function tidy(text: string): string {
  return text.replaceAll(/[\s-]/g, '').toUpperCase();
}

const headersOfProxies = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
const thisMachine = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether a request comes from a browser on this machine: from a loopback address, for a loopback name, not through a proxy that is
 * not trusted, and not to a chat with a public origin.
 */
export function isFromThisMachine({ request }: RequestHandler, origin: string | undefined): boolean {
  const { remoteAddress, headers } = request;
  if (!/^(?:127\.|::1$|::ffff:127\.)/.test(remoteAddress)) return false;
  if (headersOfProxies.some((name) => headers.has(name))) return false;
  const sender = headers.get('origin')?.replace(/^https?:\/\//, '');
  const publicHost = origin?.replace(/^https?:\/\//, '');
  return [headers.get('host') ?? '', sender, publicHost].every((host) => host === undefined || thisMachine.test(host));
}
