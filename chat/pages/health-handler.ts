/**
 * Reports whether this server works: 200 if the store and the broker can write and read, otherwise 503 with the parts that
 * fail. Only the log contains the reason.
 */
import { PageHandler } from './page-handler.ts';

export class HealthHandler extends PageHandler {
  /** Ignores the cookie, so that the response does not depend on the visitor. */
  override getCurrentUser(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async get(): Promise<void> {
    const { health, rooms } = this.chat;
    const { failed, checkedAt } = await health.run();
    const common = { broker: rooms.broker.name, checkedAt };
    if (failed.length > 0) this.setStatus(503);
    this.write(failed.length === 0 ? { status: 'ok', ...common } : { status: 'unavailable', ...common, failed });
  }
}
