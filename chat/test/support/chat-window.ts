/**
 * One browser window on the chat room, as a person uses it: by labels, roles and what can be read.
 * Words are English unless the window was opened with another locale.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { password } from './chat-server.ts';

/** How long a person would wait, in milliseconds, on a machine that is busy with other tests. */
const timeoutMs = 20_000;

/** A window of a browser of its own: nothing is shared with other windows. */
export class ChatWindow {
  readonly page: Page;
  readonly #url: string;
  /** What the page complained about. */
  readonly #complaints: string[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(timeoutMs);
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('console', (line) => {
      // A broken line is the network's complaint, not the page's.
      if (line.type() === 'error' && !/ERR_|WebSocket|Failed to load resource/.test(line.text())) {
        this.#complaints.push(line.text());
      }
    });
  }

  /** Opens a window; it is closed with the test, and fails it if the page had an error. */
  static async open(
    t: TestContext,
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ChatWindow> {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
    const window = new ChatWindow(await context.newPage(), url);
    t.after(async () => {
      await context.close();
      assert.deepEqual(window.#complaints, []);
    });
    return window;
  }

  /** Fills in the form at `/register` and arrives in the lobby. */
  async register(name: string): Promise<void> {
    await this.#submit('/register', name);
  }

  /** Fills in the form at `/login` and arrives in the lobby. */
  async logIn(name: string): Promise<void> {
    await this.#submit('/login', name);
  }

  /** Closes the window, as its cross does. */
  async close(): Promise<void> {
    await this.page.context().close();
  }

  get composer(): Locator {
    return this.page.locator('#composer');
  }

  /** The log of the open room. */
  get log(): Locator {
    return this.page.getByRole('log');
  }

  /** Writes a message and presses Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Writes a message and waits until it is shown as sent. */
  async sayAndSee(text: string): Promise<void> {
    await this.say(text);
    await this.log.locator('.message--sent', { hasText: text }).waitFor();
  }

  /** Texts of the messages in the log, oldest first. */
  texts(): Promise<string[]> {
    return this.log.locator('.message .bubble').allInnerTexts();
  }

  /** Waits until the log shows exactly these texts. */
  async seeTexts(expected: readonly string[]): Promise<void> {
    await this.#until(expected, () => this.texts());
  }

  /** Texts of the messages below the unread line; none if there is no line. */
  async unreadTexts(): Promise<string[]> {
    return this.log.locator('.unread-line ~ .message .bubble').allInnerTexts();
  }

  /** Waits until exactly these texts are below the unread line. */
  async seeUnread(expected: readonly string[]): Promise<void> {
    await this.#until(expected, () => this.unreadTexts());
  }

  /** Waits until as many people are here. */
  async seePeople(count: number): Promise<void> {
    await this.page.getByRole('button', { name: `${count} here` }).waitFor();
  }

  /** Waits until `read` gives `expected`; fails with the last thing it gave. */
  async #until(expected: readonly string[], read: () => Promise<string[]>): Promise<void> {
    let seen: string[] = [];
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
      seen = await read();
      if (JSON.stringify(seen) === JSON.stringify(expected)) return;
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    assert.deepEqual(seen, expected);
  }

  async #submit(path: string, name: string): Promise<void> {
    await this.page.goto(this.#url + path);
    await this.page.locator('input[name=name]').fill(name);
    await this.page.locator('input[name=password]').fill(password);
    await this.page.locator('form[method=post] button[type=submit]').first().click();
    await this.composer.or(this.page.locator('.rooms')).first().waitFor();
  }
}
