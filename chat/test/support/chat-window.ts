/**
 * One browser window on the chat room. It finds elements by label, role and visible text, as a person does.
 * Texts are English unless the window was opened with another locale.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { password } from './chat-server.ts';
import { textsOf } from './texts-of.ts';

/** Timeout of each wait. Long, because the machine may be busy with other tests. */
const timeoutMs = 20_000;
/** How long a button of a toolbar may take to be pressed before the pointer is moved to its message again. */
const pointedMs = 5_000;

/** A window with its own browser context: it shares nothing with other windows. */
export class ChatWindow {
  readonly page: Page;
  readonly #url: string;
  /** Errors of the page. */
  readonly #pageErrors: string[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(timeoutMs);
    page.on('pageerror', (error) => this.#pageErrors.push(error.message));
    page.on('console', (line) => {
      // A lost connection is an error of the network, not of the page.
      if (line.type() === 'error' && !/ERR_|WebSocket|Failed to load resource/.test(line.text())) {
        this.#pageErrors.push(line.text());
      }
    });
  }

  /** Opens a window. It is closed after the test; an error of the page fails the test. */
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
      assert.deepEqual(window.#pageErrors, []);
    });
    return window;
  }

  /** Registers and waits for the lobby. The page of the form, which costs as much time as the chat, is not opened. */
  async register(name: string): Promise<void> {
    await this.#send('/register', name);
  }

  /** Signs in and waits for the lobby. The page of the form is not opened. */
  async logIn(name: string): Promise<void> {
    await this.#send('/login', name);
  }

  /** Submits the form at `/register` in the page and waits for the lobby. */
  async registerInPage(name: string): Promise<void> {
    await this.#submit('/register', name);
  }

  /** Submits the form at `/login` in the page and waits for the lobby. */
  async logInInPage(name: string): Promise<void> {
    await this.#submit('/login', name);
  }

  /** Finds a room in the directory and joins it. */
  async joinRoom(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Browse rooms' }).click();
    await this.page
      .getByRole('dialog')
      .getByRole('button', { name: `Join ${name}` })
      .click();
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  /** Closes the window. */
  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Makes the page believe that its window has or has not the focus. */
  async setFocused(isFocused: boolean): Promise<void> {
    await this.page.evaluate((focused) => {
      document.hasFocus = () => focused;
      window.dispatchEvent(new Event(focused ? 'focus' : 'blur'));
    }, isFocused);
  }

  get composer(): Locator {
    return this.page.locator('#composer');
  }

  /** The element with the messages of the open room. */
  get log(): Locator {
    return this.page.getByRole('log');
  }

  /** Types a message and presses Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Sends a message and waits until it is shown as sent. */
  async sayAndSee(text: string): Promise<void> {
    await this.say(text);
    await this.log.locator('.message--sent', { hasText: text }).waitFor();
  }

  /** The messages that contain this text. */
  rowOf(text: string): Locator {
    return this.log.locator('.message', { has: this.page.locator('.message-content', { hasText: text }) });
  }

  /** Points at a message and presses a button of its toolbar. */
  async press(text: string, button: string): Promise<void> {
    const row = this.rowOf(text);
    for (const deadline = Date.now() + timeoutMs; ;) {
      await row.hover();
      try {
        return await row.getByRole('button', { name: button }).click({ timeout: pointedMs });
      } catch (error) {
        // A row that moved away from the pointer has no toolbar. A person points at it again.
        if (Date.now() > deadline) throw error;
      }
    }
  }

  /** Points at a message and chooses an entry of its menu, which the button `more` opens. */
  async choose(text: string, entry: string, more = 'More actions'): Promise<void> {
    await this.press(text, more);
    await this.page.getByRole('dialog').getByRole('button', { name: entry, exact: true }).click();
  }

  /** Waits until the composer has this text. */
  async seeComposed(text: string): Promise<void> {
    await this.page.waitForFunction((value) => document.querySelector('textarea')?.value === value, text);
  }

  /** Texts of the messages in the log, oldest first. */
  texts(): Promise<string[]> {
    return textsOf(this.log, '.message .message-content');
  }

  /** Waits until the log shows exactly these texts. */
  async seeTexts(expected: readonly string[]): Promise<void> {
    await this.#until(expected, () => this.texts());
  }

  /** Texts of the messages below the unread line; none if there is no line. */
  unreadTexts(): Promise<string[]> {
    return textsOf(this.log, '.unread-line ~ .message .message-content');
  }

  /** Waits until exactly these texts are below the unread line. */
  async seeUnread(expected: readonly string[]): Promise<void> {
    await this.#until(expected, () => this.unreadTexts());
  }

  /** Waits until the room shows this number of people. */
  async seePeople(count: number): Promise<void> {
    await this.page.getByRole('button', { name: `${count} here` }).waitFor();
  }

  /** Waits until `read` returns `expected`. Fails with the last result. */
  async #until(expected: readonly string[], read: () => Promise<string[]>): Promise<void> {
    let seen: string[] = [];
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
      seen = await read();
      if (JSON.stringify(seen) === JSON.stringify(expected)) return;
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    assert.deepEqual(seen, expected);
  }

  async #send(path: string, name: string): Promise<void> {
    const { request } = this.page.context();
    const form = await (await request.get(this.#url + path)).text();
    const [, token = ''] = /name="_xsrf" value="([^"]+)"/.exec(form) ?? [];
    const response = await request.post(this.#url + path, { form: { _xsrf: token, name, password }, maxRedirects: 0 });
    assert.equal(response.status(), 303, await response.text());
    await this.page.goto(this.#url);
    await this.#seeLobby();
  }

  async #submit(path: string, name: string): Promise<void> {
    await this.page.goto(this.#url + path);
    await this.page.locator('input[name=name]').fill(name);
    await this.page.locator('input[name=password]').fill(password);
    await this.page.locator('form[method=post] button[type=submit]').first().click();
    await this.#seeLobby();
  }

  async #seeLobby(): Promise<void> {
    await this.composer.or(this.page.locator('.shell:not([aria-busy]) .rooms')).first().waitFor();
  }
}
