/** Responds to `OPTIONS *`, which is about the server and not about one of its paths (RFC 9110 §9.3.7). */
import { RequestHandler } from './handler.ts';

/** The `init` of the route. */
interface ServerOptionsInit {
  /** Methods that any handler knows. */
  readonly methods: () => readonly string[];
}

/** 204 with the methods in Allow. */
export class ServerOptionsHandler extends RequestHandler<unknown, ServerOptionsInit> {
  options(): void {
    this.setStatus(204);
    this.setHeader('Allow', this.init.methods().join(', '));
  }
}
