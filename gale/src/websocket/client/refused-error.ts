/** The error of a client whose server answered, but not with a WebSocket. */
import { GaleError } from '../../errors.ts';
import { reasonPhrase } from '../../http/protocol/status.ts';
import type { HandshakeResponse } from './handshake-response.ts';

/** A server answered a WebSocket handshake with another status than 101: it wants a password, has moved, knows no such path. */
export class WebSocketRefusedError extends GaleError {
  override readonly name: string = 'WebSocketRefusedError';
  /** Status and headers of the answer; its body was not read. */
  readonly response: HandshakeResponse;

  /** @param shown - Who answered, as far as messages may tell. */
  constructor(shown: string, response: HandshakeResponse) {
    const { status } = response;
    const where = status >= 300 && status < 400 ? redirection(shown, response.headers.get('location')) : '';
    super('WS_REFUSED', `${shown} answered a WebSocket handshake with ${status} ${reasonPhrase(status)}${where}.`);
    this.response = response;
  }
}

/** Of a Location only what tells no secret. */
function redirection(shown: string, location: string | undefined): string {
  const target = location === undefined ? null : URL.parse(location, shown);
  const to = target === null ? '' : ` to ${target.protocol}//${target.host}${target.pathname}`;
  return `${to}; redirects are not followed, connect to where it leads if you trust that`;
}
