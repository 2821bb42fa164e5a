/**
 * Sessions: `sessions(options)` is the setting of an application, with which handlers have `this.session`. It also lists and ends the
 * sessions of a person.
 */
import { GaleError } from '../../errors.ts';
import { assertString } from '../../run/given-options.ts';
import { Session, type LoadedSession } from './session.ts';
import type { SessionRequest } from './session-client.ts';
import { toSentId, type SentId } from './session-cookie.ts';
import { readSessionText } from './session-json.ts';
import type { PersonSession, PersonSessions } from './person-sessions.ts';
import { SessionKeeper, type SessionTools } from './session-keeper.ts';
import type { MaybePromise, StoredSession } from './session-store.ts';
import type { SessionValues } from './session-values.ts';
import { resolveSessionsOptions, type SessionsOptions } from './sessions-options.ts';

/** A handler. Those of other applications have other sessions. @internal */
export interface SessionHandler extends SessionRequest {
  readonly settings: { readonly sessions?: object | undefined };
  openSession?: Session;
}

/** What {@link Sessions.sessionOf} needs of a handler. */
export interface SessionOwner {
  readonly session: Session;
  readonly settings: { readonly sessions?: object | undefined };
}

/** Sessions with values of any types. */
export type AnySessions = Omit<Sessions<object>, 'sessionOf'>;

/** A `Middleware` of handlers. @internal */
export interface SessionSteps {
  processRequest?(handler: SessionHandler): MaybePromise<void>;
  processResponse(handler: SessionHandler): MaybePromise<void>;
  hasResponseWork(handler: SessionHandler): boolean;
}

/**
 * Creates sessions for the setting `sessions` of an application.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `WEB_COOKIE` for attributes with which browsers drop the cookie.
 * @typeParam Values - The values by key, if `sessionOf` gives them their types instead of {@link SessionValues}.
 * @example
 * const app = new Application(routes, { sessions: sessions({ store: await SqliteSessionStore.open({ path: 'sessions.sqlite' }) }) });
 */
export function sessions<Values = SessionValues>(options: SessionsOptions = {}): Sessions<Values> {
  return new Sessions(options);
}

/**
 * The sessions of an application, or of several.
 *
 * @typeParam Values - The values by key, for {@link Sessions.sessionOf}.
 */
export class Sessions<Values = SessionValues> implements PersonSessions {
  /** Loads sessions before the steps of a handler, and writes their changes before the head. @internal */
  readonly steps: SessionSteps;
  readonly #keeper: SessionKeeper;
  readonly #formerId: SessionsOptions['formerId'];

  /** Called by {@link sessions}. */
  constructor(options: SessionsOptions = {}) {
    const resolved = resolveSessionsOptions(options);
    this.#keeper = new SessionKeeper(resolved, this);
    this.#formerId = resolved.formerId;
    const responseSteps: SessionSteps = {
      processResponse: (handler) => (this.#owns(handler) ? handler.openSession?.commit() : undefined),
      // Most requests only read: their responses are sent without any further step.
      hasResponseWork: ({ openSession }) => openSession !== undefined && !openSession.isUnchanged,
    };
    this.steps =
      this.#keeper.store.isSync === true
        ? responseSteps
        : { ...responseSteps, processRequest: (handler) => this.#preload(handler) };
  }

  /**
   * `handler.session` with the types of these sessions. Those of {@link SessionValues} hold for all applications of a program.
   *
   * @throws {@link GaleError} `WEB_SESSION` if the application of the handler has other sessions, or none.
   * @example
   * const shop = sessions<{ cart: readonly string[] }>();
   * const app = new Application([['/cart', (_, handler) => ({ cart: shop.sessionOf(handler).get('cart') ?? [] })]], { sessions: shop });
   */
  sessionOf(handler: SessionOwner): Session<Values> {
    if (handler.settings.sessions === this) return handler.session as unknown as Session<Values>;
    throw new GaleError(
      'WEB_SESSION',
      'sessionOf() needs a handler of an application whose setting sessions is this object; got one of another application.',
    );
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
    const found = await Promise.all(asked.map(async (handle) => this.#keeper.load(handle, this.#keeper.now())));
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

  /** The session of a request, at its first use after `initialize`. A store that is not synchronous was asked before. @internal */
  open(handler: SessionHandler): Session {
    if (!usesSession(handler)) {
      throw new GaleError(
        'WEB_SESSION',
        `${handler.constructor.name} has usesSession = false; remove it to use this.session.`,
      );
    }
    const sent = this.#keeper.cookie.read(handler) ?? this.#formerOf(handler);
    if (sent === undefined) return this.#none(handler);
    const now = this.#keeper.now();
    try {
      return this.#found(handler, sent, this.#keeper.load(sent.hash, now) as StoredSession | undefined, now);
    } catch (error) {
      return this.#failed(handler, error);
    }
  }

  #preload(handler: SessionHandler): MaybePromise<void> {
    if (!this.#owns(handler) || !usesSession(handler) || handler.openSession !== undefined) return undefined;
    const sent = this.#keeper.cookie.read(handler) ?? this.#formerOf(handler);
    if (sent === undefined) {
      handler.openSession = this.#none(handler);
      return undefined;
    }
    const now = this.#keeper.now();
    return this.#tryLoad(sent.hash, now).then(
      (found) => {
        handler.openSession = this.#found(handler, sent, found, now);
      },
      (error: unknown) => {
        handler.openSession = this.#failed(handler, error);
      },
    );
  }

  /** A promise, also for a store that throws. */
  async #tryLoad(hash: string, now: number): Promise<StoredSession | undefined> {
    return this.#keeper.load(hash, now);
  }

  /** The id of a session of another system. */
  #formerOf(handler: SessionHandler): FormerId | undefined {
    const sent = toSentId(this.#formerId?.(handler));
    return sent === undefined ? undefined : { ...sent, isFormer: true };
  }

  /** Whether the handler is of an application with these sessions: middlewares also run around mounted applications. */
  #owns(handler: SessionHandler): boolean {
    return handler.settings.sessions === this;
  }

  #none(handler: SessionHandler): Session {
    return new Session(handler, this.#keeper, noSession);
  }

  #found(handler: SessionHandler, sent: SentId | FormerId, stored: StoredSession | undefined, now: number): Session {
    if (stored === undefined) return new Session(handler, this.#keeper, { ...noSession, missing: sent.hash });
    const isFormer = 'isFormer' in sent;
    const isRenewalDue = this.#keeper.isRenewalDue(stored, now);
    return new Session(handler, this.#keeper, { sent, stored, isFormer, isRenewalDue });
  }

  /** Pages that do not use the session still work. */
  #failed(handler: SessionHandler, error: unknown): Session {
    this.#keeper.warn(error);
    const failure = error as GaleError;
    return new Session(handler, this.#keeper, { ...noSession, failure });
  }
}

/** An id that the cookie does not have yet. */
interface FormerId extends SentId {
  readonly isFormer: true;
}

const noSession: LoadedSession = { sent: undefined, stored: undefined, isFormer: false, isRenewalDue: false };

function usesSession(handler: SessionHandler): boolean {
  return (handler.constructor as unknown as { readonly usesSession: boolean }).usesSession;
}

function isHandle(text: string): boolean {
  return /^[\da-f]{64}$/.test(text);
}
