/**
 * Sessions: `sessions(options)` is the setting of an application, with which handlers have `this.session`. It also lists and ends the
 * sessions of a person.
 */
import { GaleError } from '../../errors.ts';
import { assertString } from '../../run/given-options.ts';
import { Session } from './session.ts';
import type { SessionClient } from './session-client.ts';
import { hashSessionId, isSessionId } from './session-id.ts';
import { readSessionText } from './session-json.ts';
import { SessionKeeper, type SessionTools } from './session-keeper.ts';
import type { MaybePromise, StoredSession } from './session-store.ts';
import { resolveSessionsOptions, type SessionsOptions } from './sessions-options.ts';

/** A handler. Those of other applications have other sessions. @internal */
export interface SessionHandler extends SessionClient {
  readonly settings: { readonly sessions?: object | undefined };
  openSession?: Session;
}

/** A `Middleware` of handlers. @internal */
export interface SessionSteps {
  processRequest?(handler: SessionHandler): MaybePromise<void>;
  processResponse(handler: SessionHandler): MaybePromise<void>;
}

/** An id that a client sent. */
interface SentId {
  readonly id: string;
  readonly isFormer: boolean;
}

/** One session of a person. */
export interface PersonSession {
  /** Its public name; see {@link Session.handle}. */
  readonly handle: string;
  /** When the person signed in. */
  readonly createdAt: Date;
  /** When it was used last, within a twentieth of `idleMs`. */
  readonly seenAt: Date;
  /** When it ends without further use. */
  readonly expiresAt: Date;
  /** Its values, such as the name of the browser that the application stored. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Creates sessions for the setting `sessions` of an application.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `WEB_COOKIE` for attributes with which browsers drop the cookie.
 * @example
 * const app = new Application(routes, { sessions: sessions({ store: await SqliteSessionStore.open({ path: 'sessions.sqlite' }) }) });
 */
export function sessions(options: SessionsOptions = {}): Sessions {
  return new Sessions(options);
}

/** The sessions of an application, or of several. */
export class Sessions {
  /** Loads sessions before the steps of a handler, and writes their changes before the head. @internal */
  readonly steps: SessionSteps;
  readonly #keeper: SessionKeeper;
  readonly #formerId: SessionsOptions['formerId'];

  /** Called by {@link sessions}. */
  constructor(options: SessionsOptions = {}) {
    const resolved = resolveSessionsOptions(options);
    this.#keeper = new SessionKeeper(resolved);
    this.#formerId = resolved.formerId;
    const processResponse = (handler: SessionHandler): MaybePromise<void> => this.#commit(handler);
    this.steps =
      this.#keeper.store.isSync === true
        ? { processResponse }
        : { processRequest: (handler) => this.#preload(handler), processResponse };
  }

  /** The sessions of a person, last used first. @throws {@link GaleError} `SESSION_STORE`. */
  async of(person: string): Promise<PersonSession[]> {
    assertString('person', person);
    const listed = await this.#keeper.list(person);
    return listed
      .toSorted((left, right) => right.seenAt - left.seenAt)
      .map(({ id, createdAt, seenAt, expiresAt, values }) => ({
        handle: id,
        createdAt: new Date(createdAt),
        seenAt: new Date(seenAt),
        expiresAt: new Date(expiresAt),
        values: Object.fromEntries([...values].map(([key, text]) => [key, readSessionText(text)])),
      }));
  }

  /**
   * Ends a session. Whoever knows a handle has seen a list with it; check that the person of the request may end it if others can see it.
   *
   * @returns Whether it existed.
   * @throws {@link GaleError} `SESSION_STORE`.
   */
  async end(handle: string): Promise<boolean> {
    assertString('handle', handle);
    return isHandle(handle) && (await this.#keeper.end([handle])).length > 0;
  }

  /**
   * Ends all sessions of a person but one, such as after a change of the password.
   *
   * @param handle - The session that stays: `this.session.handle`.
   * @returns The handles of the sessions that ended.
   * @throws {@link GaleError} `SESSION_STORE`; some sessions may have ended then.
   */
  async endOthers(person: string, handle: string | undefined): Promise<readonly string[]> {
    assertString('person', person);
    const listed = await this.#keeper.list(person);
    const ids = listed.map(({ id }) => id).filter((id) => id !== handle);
    return ids.length === 0 ? [] : this.#keeper.end(ids);
  }

  /** Ends all sessions of a person, such as when an account is closed. @returns The handles of the sessions that ended. */
  endAll(person: string): Promise<readonly string[]> {
    return this.endOthers(person, undefined);
  }

  /** @returns Those of the handles whose sessions have not ended, such as to close WebSockets of the others. */
  async living(handles: Iterable<string>): Promise<Set<string>> {
    const asked = [...handles].filter(isHandle);
    const found = await Promise.all(asked.map(async (handle) => this.#keeper.load(handle)));
    return new Set(asked.filter((_, index) => found[index] !== undefined));
  }

  /** Rejects if the store is unavailable: a check for `healthRoutes`. */
  async check(): Promise<void> {
    await this.#keeper.store.check();
  }

  /** Closes the store. Call it after the server has closed. */
  async close(): Promise<void> {
    await this.#keeper.close();
  }

  /** Uses clock and log of an application. @internal */
  attach(tools: () => SessionTools): void {
    this.#keeper.useTools(tools);
  }

  /** The session of a request, at its first use. @internal */
  open(handler: SessionHandler): Session {
    if (!usesSession(handler)) {
      throw new GaleError(
        'WEB_SESSION',
        `${handler.constructor.name} has usesSession = false; remove it to use this.session.`,
      );
    }
    if (this.#keeper.store.isSync !== true) {
      throw new GaleError(
        'WEB_SESSION',
        'this.session can be used after initialize(): the store is asked before prepare().',
      );
    }
    const sent = this.#sentId(handler);
    if (sent === undefined) return this.#none(handler);
    try {
      return this.#found(handler, sent, this.#keeper.load(hashSessionId(sent.id)) as StoredSession | undefined);
    } catch (error) {
      return this.#failed(handler, error);
    }
  }

  #preload(handler: SessionHandler): MaybePromise<void> {
    if (!this.#owns(handler) || !usesSession(handler) || handler.openSession !== undefined) return undefined;
    const sent = this.#sentId(handler);
    if (sent === undefined) {
      handler.openSession = this.#none(handler);
      return undefined;
    }
    return this.#tryLoad(sent.id).then(
      (found) => {
        handler.openSession = this.#found(handler, sent, found);
      },
      (error: unknown) => {
        handler.openSession = this.#failed(handler, error);
      },
    );
  }

  /** A promise, also for a store that throws. */
  async #tryLoad(id: string): Promise<StoredSession | undefined> {
    return this.#keeper.load(hashSessionId(id));
  }

  /** The id that the client sent, if it has the form of one: a longer text is not hashed. */
  #sentId(handler: SessionHandler): SentId | undefined {
    const id = this.#keeper.cookie.read(handler);
    if (id !== undefined && isSessionId(id)) return { id, isFormer: false };
    const formerId = this.#formerId?.(handler);
    return formerId !== undefined && isSessionId(formerId) ? { id: formerId, isFormer: true } : undefined;
  }

  #commit(handler: SessionHandler): MaybePromise<void> {
    const session = handler.openSession;
    return session === undefined || !this.#owns(handler) ? undefined : session.commit();
  }

  /** Whether the handler is of an application with these sessions: middlewares also run around mounted applications. */
  #owns(handler: SessionHandler): boolean {
    return handler.settings.sessions === this;
  }

  #none(handler: SessionHandler): Session {
    return new Session(handler, this.#keeper, { id: undefined, stored: undefined });
  }

  #found(handler: SessionHandler, { id, isFormer }: SentId, stored: StoredSession | undefined): Session {
    return stored === undefined ? this.#none(handler) : new Session(handler, this.#keeper, { id, stored, isFormer });
  }

  /** Pages that do not use the session still work. */
  #failed(handler: SessionHandler, error: unknown): Session {
    this.#keeper.warn(error);
    const failure = error as GaleError;
    return new Session(handler, this.#keeper, { id: undefined, stored: undefined, failure });
  }
}

function usesSession(handler: SessionHandler): boolean {
  return (handler.constructor as unknown as { readonly usesSession: boolean }).usesSession;
}

function isHandle(text: string): boolean {
  return /^[\da-f]{64}$/.test(text);
}
