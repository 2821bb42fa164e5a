/**
 * Says whether this server can do its work: 200 when what it keeps things in answers, else 503.
 */
import { PageHandler } from './page-handler.ts';

/** After this many milliseconds without an answer there is none. */
const patienceMs = 3000;

export class HealthHandler extends PageHandler {
  /** Nobody is looked up: a visitor's cookie makes no difference. */
  override getCurrentUser(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async get(): Promise<void> {
    const late = AbortSignal.timeout(patienceMs);
    const healthy = await Promise.race([
      this.chat.directory.isAnswering(),
      new Promise<false>((resolve) => {
        late.addEventListener('abort', () => resolve(false));
      }),
    ]);
    if (!healthy) this.setStatus(503);
    this.write({ status: healthy ? 'ok' : 'unavailable', broker: this.chat.rooms.broker.name });
  }
}
