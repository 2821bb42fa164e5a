/** The life of a handler (tutorial 3): the order of its steps. The terminal shows them, the response those up to the verb. */
import { Application, HttpError, RequestHandler, type Settings } from 'gale';

class Main extends RequestHandler<unknown, { readonly greeting: string }> {
  // Each request has its own handler, so this belongs to one request.
  readonly #steps: string[] = [];

  /** First. Receives the `init` of the route, in Tornado the third item of the tuple. */
  override initialize({ greeting }: { readonly greeting: string }): void {
    this.#step(`initialize with ${greeting}`);
  }

  /** Before every verb: the place for checks. A response here skips the verb. */
  override prepare(): Promise<void> | void {
    this.#step('prepare');
    if (this.getQueryArgument('stop', '') === 'prepare') return this.finish('prepare has responded\n');
    if (this.getQueryArgument('stop', '') === 'error') throw new HttpError(403);
  }

  get(): string {
    return this.#verb('get');
  }

  post(): string {
    return this.#verb('post');
  }

  put(): string {
    return this.#verb('put');
  }

  delete(): string {
    return this.#verb('delete');
  }

  /** Instead of the verb, or after it, if something was thrown. */
  override writeError(status: number): void {
    this.#step('writeError');
    this.write(`error ${status}\n`);
  }

  /** Last, after the response. The tutorial overrides `finish`; Tornado has on_finish for this too. */
  override onFinish(): void {
    this.#step('onFinish');
    console.log(this.#steps.join(' -> '));
  }

  #verb(name: string): string {
    this.#step(name);
    return `${this.#steps.join(' -> ')}\n`;
  }

  #step(name: string): void {
    this.#steps.push(name);
  }
}

/** `/index/` for all methods; `?stop=prepare` and `?stop=error` end before the verb. */
export function createLifeCycle(settings: Settings): Application {
  return new Application([['/index/', Main, { init: { greeting: 'hello' } }]], settings);
}
