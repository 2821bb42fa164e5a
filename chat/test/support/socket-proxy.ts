/** A proxy between a page and the server. A test cuts the connection with it, or delays the frames of the server. */
import type { Page, WebSocketRoute } from 'playwright-core';
import { within } from './within.ts';

interface Frame {
  readonly type: string;
  readonly ref?: number;
}

/** The proxy of one page. */
export class SocketProxy {
  readonly #page: Page;
  #socket: WebSocketRoute | undefined;
  #isCut = false;
  /** Types of the commands whose replies are held, and of the events that are held. */
  #heldTypes: readonly string[] = [];
  #held: (() => void)[] = [];
  /** Types of the commands that the page sent. */
  readonly #sent: string[] = [];
  #onHeld: () => void = () => {};

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Routes the socket of a page. Call it before the page is opened. */
  static async open(page: Page): Promise<SocketProxy> {
    const proxy = new SocketProxy(page);
    await page.routeWebSocket(/\/socket$/, (socket) => proxy.#route(socket));
    return proxy;
  }

  /** Cuts the connection, and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    void this.#socket?.close({ code: 1012 });
  }

  /** Accepts connections again, and lets the page connect at once. */
  async restore(): Promise<void> {
    this.#isCut = false;
    // A page that leaves by itself meanwhile, as one without a session does, needs no event.
    await this.#page
      .evaluate(() => window.dispatchEvent(new Event('online')))
      .catch((error: unknown) => {
        if (!/Execution context was destroyed/.test(String(error))) throw error;
      });
  }

  /** Holds the replies to these commands, and these events, until {@link release}. */
  hold(...types: readonly string[]): void {
    this.#heldTypes = types;
  }

  /** Waits until this number of frames is held. */
  async holds(count: number): Promise<void> {
    while (this.#held.length < count) {
      const held = new Promise<void>((resolve) => (this.#onHeld = resolve));
      await within(held, () => `${count} held frames; ${this.#held.length} are held, and the page sent ${this.#sent}`);
    }
  }

  /** @returns How many commands of a type the page has sent. */
  sent(type: string): number {
    return this.#sent.filter((sent) => sent === type).length;
  }

  /** Delivers the held frames, and holds no more. */
  release(): void {
    this.#heldTypes = [];
    for (const deliver of this.#held.splice(0)) deliver();
  }

  #route(socket: WebSocketRoute): void {
    if (this.#isCut) {
      void socket.close({ code: 1012 });
      return;
    }
    this.#socket = socket;
    const commands = new Map<number | undefined, string>();
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const { ref, type } = JSON.parse(String(text)) as Frame;
      commands.set(ref, type);
      this.#sent.push(type);
      server.send(text);
    });
    server.onMessage((text) => {
      const { ref, type } = JSON.parse(String(text)) as Frame;
      if (!this.#heldTypes.includes(commands.get(ref) ?? type)) {
        socket.send(text);
        return;
      }
      this.#held.push(() => socket.send(text));
      this.#onHeld();
    });
  }
}
