/**
 * Reports whether this server can do its work: 200 when what it keeps things in can be written and read, else 503 with
 * the parts that fail. A reason is in the log only.
 */
import { PageHandler } from './page-handler.ts';

export class HealthHandler extends PageHandler {
  /** Nobody is looked up: a visitor's cookie makes no difference. */
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
