/** The error of a client whose server responded without an upgrade. */
import { GaleError } from '../../errors.ts';
import { reasonPhrase } from '../../http/protocol/status.ts';
import type { HandshakeResponse } from './handshake-response.ts';

/** A handshake response with another status than 101, for example 401, a redirect or 404. */
export class WebSocketRefusedError extends GaleError {
  override readonly name: string = 'WebSocketRefusedError';
  /** Status and headers of the response; its body was not read. */
  readonly response: HandshakeResponse;

  /** @param shown - Address of the server without secrets. */
  constructor(shown: string, response: HandshakeResponse) {
    const { status } = response;
    const where = status >= 300 && status < 400 ? redirection(shown, response.headers.get('location')) : '';
    super('WS_REFUSED', `${shown} responded to a WebSocket handshake with ${status} ${reasonPhrase(status)}${where}.`);
    this.response = response;
  }
}

/** The part of a Location without secrets. */
function redirection(shown: string, location: string | undefined): string {
  const target = location === undefined ? null : URL.parse(location, shown);
  const to = target === null ? '' : ` to ${target.protocol}//${target.host}${target.pathname}`;
  return `${to}; redirects are not followed; connect to the target if you trust it`;
}
