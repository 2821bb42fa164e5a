/**
 * The session of one request, `this.session`. Reads are synchronous: the session was loaded before. Changes are collected and written
 * before the head of the response is sent, by key, if there are any.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GaleError } from '../../errors.ts';
import { isThenable } from '../../http/thenable.ts';
import { wrongValue } from '../../run/given-options.ts';
import { fullJitter } from '../../run/backoff.ts';
import type { PersonSessions } from './person-sessions.ts';
import type { SessionRequest } from './session-client.ts';
import type { SentId } from './session-cookie.ts';
import { createSessionId, hashSessionId } from './session-id.ts';
import { readSessionText, toSessionText } from './session-json.ts';
import type { MaybePromise, SaveResult, SessionChange, StoredSession } from './session-store.ts';
import { SessionTexts, tooLarge } from './session-texts.ts';
import type { SessionKey, SessionValue, SessionValues } from './session-values.ts';
import type { SessionKeeper } from './session-keeper.ts';

/** Longest key and person, in characters. */
const maxNameCharacters = 200;
/** Attempts of `update` without a pause, and in all. */
const eagerAttempts = 10;
const maxAttempts = 500;

/** What a request knows about its session. */
export interface LoadedSession {
  /** The id that the client sent, if there is such a session. */
  readonly sent: SentId | undefined;
  readonly stored: StoredSession | undefined;
  /** Whether the id is not in the cookie yet. */
  readonly isFormer: boolean;
  /** Whether its expiry is to be written again if it is used. */
  readonly isRenewalDue: boolean;
  /** Why the store could not load it. Thrown at the first use. */
  readonly failure?: GaleError;
  /** Hash of an id that the client sent, and that the store did not find. */
  readonly missing?: string;
}

/**
 * The session of a request. A request without one gets a new session when a value is set or a person signs in.
 *
 * @example
 * get() {
 *   this.session.set('visits', (this.session.get('visits') ?? 0) + 1);
 * }
 */
export class Session<Values = SessionValues> {
  readonly #client: SessionRequest;
  readonly #keeper: SessionKeeper;
  readonly #failure: GaleError | undefined;
  readonly #missing: string | undefined;
  #isFormer: boolean;
  #isRenewalDue: boolean;
  /** Secret, for the cookie. Undefined without a session. */
  #id: string | undefined;
  /** Undefined if the session is new. */
  #stored: Omit<StoredSession, 'values'> | undefined;
  readonly #texts: SessionTexts;
  /** Hash of the id in the store, if the id changes with this response. */
  #renamed: string | undefined;
  #hash: string | undefined;
  /** The person of a login in this request. */
  #login: string | undefined;
  /** Hashes of sessions that end with this response. */
  #ended: string[] | undefined;
  /** The call of `save` that runs. */
  #saving: Promise<void> | undefined;
  /** Whether the request has read or changed it. */
  #isUsed = false;
  #isClosed = false;

  /** Created by `this.session`. @internal */
  constructor(client: SessionRequest, keeper: SessionKeeper, loaded: LoadedSession) {
    this.#client = client;
    this.#keeper = keeper;
    this.#failure = loaded.failure;
    this.#missing = loaded.missing;
    this.#isFormer = loaded.isFormer;
    this.#isRenewalDue = loaded.isRenewalDue;
    this.#id = loaded.sent?.id;
    this.#hash = loaded.sent?.hash;
    this.#stored = loaded.stored;
    this.#texts = new SessionTexts(loaded.stored?.values, keeper.limits);
  }

  /** The signed-in person, as `login` received it; `undefined` for none. */
  get person(): string | undefined {
    this.#assertAvailable();
    return this.#login ?? this.#stored?.person;
  }

  /**
   * Public name of the session, for lists of sessions; `undefined` without a session. It is a hash of the id, 64 hex digits: nobody can sign
   * in with it. A login and `rotate` change it.
   */
  get handle(): string | undefined {
    this.#assertAvailable();
    if (this.#id === undefined) return undefined;
    return (this.#hash ??= hashSessionId(this.#id));
  }

  /**
   * The sessions of the application, to list and end those of a person.
   *
   * @example
   * await this.session.all.endOthers(person, this.session.handle);
   */
  get all(): PersonSessions {
    return this.#keeper.all;
  }

  /**
   * The value of a key; `undefined` if there is none. Objects and arrays are frozen: `set` another one to change it.
   *
   * @throws {@link GaleError} `SESSION_STORE` (503) if the store is unavailable; so does every other member.
   */
  get<Key extends SessionKey<Values>>(key: Key): SessionValue<Key, Values> | undefined {
    this.#assertAvailable();
    return this.#texts.valueOf(key) as SessionValue<Key, Values> | undefined;
  }

  /** Whether there is a value of this key. */
  has(key: SessionKey<Values>): boolean {
    this.#assertAvailable();
    return this.#texts.get(key) !== undefined;
  }

  /** The keys that have a value. */
  keys(): string[] {
    this.#assertAvailable();
    return [...this.#texts.all().keys()];
  }

  /**
   * Sets a value. It is stored before the response is sent; other requests change other keys at the same time. Of two requests that set
   * one key the last wins: see {@link Session.update}.
   *
   * @param value - Any JSON value. `get` returns it as JSON keeps it: a Date becomes a string.
   * @throws {@link GaleError} `JSON_VALUE` for a value that JSON does not keep; `SESSION_TOO_LARGE` over `maxBytes` or `maxKeys`;
   *   `WEB_RESPONDED` after the head was sent.
   */
  set<Key extends SessionKey<Values>>(key: Key, value: SessionValue<Key, Values>): void {
    this.#assertOpen('set');
    assertName('key', key);
    this.#texts.change(key, toSessionText(key, value));
  }

  /** Deletes a value, if there is one. @throws {@link GaleError} `WEB_RESPONDED` after the head was sent. */
  delete(key: SessionKey<Values>): void {
    this.#assertOpen('delete');
    if (this.#texts.get(key) !== undefined) this.#texts.change(key, undefined);
  }

  /**
   * Changes a value depending on the value before, so that no change of another request is lost. It is stored at once, also after the head
   * was sent.
   *
   * @param change - Receives the value, or `undefined`, and returns the new one; `undefined` deletes it. It is called again if another request
   *   changed the value meanwhile, so it must have no other effect.
   * @returns The new value.
   * @throws {@link GaleError} As `set`; `SESSION_ENDED` if the session has ended meanwhile, `SESSION_CONFLICT` if other requests change the
   *   value all the time.
   * @example
   * await this.session.update('visits', (visits = 0) => visits + 1);
   */
  async update<Key extends SessionKey<Values>>(
    key: Key,
    change: (
      value: SessionValue<Key, Values> | undefined,
    ) => SessionValue<Key, Values> | undefined | PromiseLike<SessionValue<Key, Values> | undefined>,
  ): Promise<SessionValue<Key, Values> | undefined> {
    this.#assertAvailable();
    assertName('key', key);
    if (typeof change !== 'function') throw wrongValue('change', 'a function', change);
    // It may change the id.
    if (this.#saving !== undefined) await this.#saving;
    // Nobody else knows the session, or has the value that was set.
    if (this.#stored === undefined || this.#texts.clears || this.#texts.changes.has(key)) {
      const value = await change(this.get(key));
      if (value === undefined) this.delete(key);
      else this.set(key, value);
      return value;
    }
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (attempt >= eagerAttempts) await delay(fullJitter(attempt - eagerAttempts, 2, 50));
      const text = this.#texts.stored.get(key);
      const value = await change(text === undefined ? undefined : (readSessionText(text) as SessionValue<Key, Values>));
      if (this.#stored === undefined) throw ended();
      const next = value === undefined ? undefined : toSessionText(key, value);
      const result = await this.#keeper.save(this.#valueChange(key, text, next));
      // `end` was called meanwhile.
      if (this.#stored === undefined) throw ended();
      if (result.state === 'conflict') this.#texts.remember(key, result.text);
      else {
        this.#assertSaved(result);
        this.#texts.remember(key, next);
        return value;
      }
    }
    throw new GaleError(
      'SESSION_CONFLICT',
      `update() of a session must end after at most ${maxAttempts} attempts; other requests changed the value during each.`,
    );
  }

  /** Gives the session another id, so that the one before is worthless to whoever knows it. The values stay. */
  rotate(): void {
    this.#assertOpen('rotate');
    if (this.#stored === undefined || this.#renamed !== undefined) return;
    this.#renamed = this.handle;
    this.#assignId();
  }

  /**
   * Signs a person in: the session gets another id and is listed in `sessions.of(person)`. The values stay, unless another person was signed
   * in.
   *
   * @param person - Id of the person, of at most 200 characters.
   */
  login(person: string): void {
    this.#assertOpen('login');
    assertName('person', person);
    const before = this.person;
    this.rotate();
    if (this.#id === undefined) this.#assignId();
    if (before !== undefined && before !== person) this.#texts.clear();
    this.#login = person;
  }

  /** Ends the session and deletes its cookie: the logout. A value that is set afterwards begins a new session. */
  end(): void {
    this.#assertOpen('end');
    // A ring does not find the sessions of a node that is down. Without this they would be valid again after a logout.
    const stored = this.#renamed ?? (this.#stored === undefined ? this.#missing : this.handle);
    this.#ended ??= [];
    if (stored !== undefined && !this.#ended.includes(stored)) this.#ended.push(stored);
    this.#forget();
    this.#leave();
  }

  /**
   * Stores the changes now instead of before the head, so that a handler can respond to a failure itself. It can be called several times.
   *
   * If it rejects, the changes are dropped and the request has no session any more: the response changes neither the cookie nor the store,
   * unless the session is used again.
   *
   * Await it before further changes.
   *
   * @throws {@link GaleError} `SESSION_STORE` if the store is unavailable or refuses writes, `SESSION_ENDED` if the session has ended
   *   meanwhile, `SESSION_TOO_LARGE`; `WEB_RESPONDED` after the head was sent.
   * @example
   * this.session.login(person);
   * await this.session.save().catch(() => this.setStatus(503));
   */
  async save(): Promise<void> {
    this.#assertOpen('save');
    this.#saving = this.#saveNow();
    try {
      await this.#saving;
    } finally {
      this.#saving = undefined;
    }
  }

  async #saveNow(): Promise<void> {
    try {
      await this.#write();
      if (this.#isChanged) throw ended();
    } catch (error) {
      this.#ended = undefined;
      this.#forget();
      this.#leave();
      throw error;
    }
  }

  /** Whether a change waits to be written. */
  get #isChanged(): boolean {
    return (
      this.#ended !== undefined ||
      this.#renamed !== undefined ||
      this.#login !== undefined ||
      this.#texts.changes.size > 0
    );
  }

  /** Whether the expiry is to be written, or the cookie set. */
  get #isRenewed(): boolean {
    return this.#stored !== undefined && (this.#isFormer || (this.#isRenewalDue && this.#isUsed));
  }

  /** Whether there is nothing to write before the head. @internal */
  get isUnchanged(): boolean {
    return this.#failure !== undefined || (!this.#isChanged && !this.#isRenewed);
  }

  /** Writes the changes and sets the cookie, before the head is sent. @internal */
  commit(): MaybePromise<void> {
    this.#isClosed = true;
    if (this.#failure !== undefined) return undefined;
    if (this.#saving === undefined) return this.#write();
    // Its caller gets the error.
    return this.#saving.then(
      () => this.#write(),
      () => undefined,
    );
  }

  #write(): MaybePromise<void> {
    if (!this.#isChanged) return this.#renew();
    const ended = this.#ended;
    if (ended === undefined || ended.length === 0) return this.#commit();
    const end = this.#keeper.end(ended);
    return isThenable(end) ? end.then(() => this.#commit()) : this.#commit();
  }

  /** Writes the expiry again, if it is time. The session lasts long enough without: a store that refuses writes fails no request. */
  #renew(): MaybePromise<void> {
    if (!this.#isRenewed) return undefined;
    const onFailure = (error: unknown): void => this.#keeper.warn(error);
    try {
      const renewal = this.#commit();
      return isThenable(renewal) ? renewal.then(undefined, onFailure) : undefined;
    } catch (error) {
      return onFailure(error);
    }
  }

  #commit(): MaybePromise<void> {
    const isNew = this.#stored === undefined;
    if (isNew && this.#login === undefined && !this.#texts.hasNewValues) {
      if (this.#ended !== undefined) this.#keeper.cookie.clear(this.#client);
      this.#ended = undefined;
      return undefined;
    }
    if (isNew && this.#id === undefined) this.#assignId();
    const change = this.#toChange();
    const result = this.#keeper.save(change);
    return isThenable(result) ? result.then((saved) => this.#onSaved(change, saved)) : this.#onSaved(change, result);
  }

  #onSaved(change: SessionChange, result: SaveResult): MaybePromise<void> {
    const { cookie, log } = this.#keeper;
    if (result.state === 'gone' && this.#login !== undefined && change.from !== 'new') {
      // Such as by the same login, sent twice. A person whose password was right is signed in.
      this.#stored = undefined;
      this.#texts.leave();
      this.#renamed = undefined;
      return this.#commit();
    }
    if (result.state === 'gone') {
      // It ended while this request ran. Its cookie stays: the browser may have that of a login by now.
      log.debug({ path: this.#client.request.path }, 'A session ended before its changes were stored');
      return undefined;
    }
    this.#assertSaved(result);
    const { person, createdAt, seenAt, expiresAt } = change;
    this.#stored = { person, createdAt, seenAt, expiresAt };
    this.#texts.keep();
    const isOtherId = change.from !== undefined || this.#isFormer;
    this.#isFormer = false;
    this.#isRenewalDue = false;
    this.#ended = undefined;
    this.#forget();
    if (isOtherId || this.#keeper.needsCookieRenewal(createdAt)) {
      cookie.set(this.#client, this.#id ?? '', this.#keeper.remainingMs(createdAt));
    }
    return undefined;
  }

  #toChange(): SessionChange {
    const stored = this.#stored;
    const createdAt = stored === undefined || this.#login !== undefined ? this.#keeper.now() : stored.createdAt;
    return {
      ...this.#keeper.times(createdAt),
      id: this.handle ?? '',
      from: stored === undefined ? 'new' : this.#renamed === undefined ? undefined : { id: this.#renamed },
      person: this.person,
      createdAt,
      isLogin: this.#login !== undefined,
      clears: this.#texts.clears,
      values: this.#texts.changes,
      expected: undefined,
      limits: this.#keeper.limits,
    };
  }

  #valueChange(key: string, text: string | undefined, next: string | undefined): SessionChange {
    const createdAt = this.#stored?.createdAt ?? 0;
    return {
      ...this.#keeper.times(createdAt),
      // A rotation of this request is not stored yet.
      id: this.#renamed ?? this.handle ?? '',
      from: undefined,
      person: this.#stored?.person,
      createdAt,
      isLogin: false,
      clears: false,
      values: new Map([[key, next]]),
      expected: { key, text },
      limits: this.#keeper.limits,
    };
  }

  #assertSaved(result: SaveResult): void {
    if (result.state === 'full') throw tooLarge(result.bytes, result.keys, this.#keeper.limits);
    if (result.state === 'gone') throw ended();
  }

  #assignId(): void {
    this.#id = createSessionId();
    this.#hash = undefined;
  }

  /** Goes on without a session. */
  #leave(): void {
    this.#id = undefined;
    this.#hash = undefined;
    this.#stored = undefined;
    this.#texts.leave();
  }

  /** Forgets what was to be written. */
  #forget(): void {
    this.#renamed = undefined;
    this.#login = undefined;
    this.#texts.forget();
  }

  #assertAvailable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#isUsed = true;
  }

  #assertOpen(method: string): void {
    this.#assertAvailable();
    if (this.#saving !== undefined) {
      throw new GaleError('WEB_SESSION', `session.${method}() was called while save() runs; await save() before it.`);
    }
    if (!this.#isClosed && this.#client.isHeadOpen) return;
    throw new GaleError(
      'WEB_RESPONDED',
      `session.${method}() must be called before the head of the response is sent; use update() for a value, and end() of the sessions for a logout.`,
    );
  }
}

function ended(): GaleError {
  return new GaleError('SESSION_ENDED', 'The session has ended while this request ran; its value was not changed.');
}

function assertName(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && value.length <= maxNameCharacters && value.isWellFormed()) return;
  throw wrongValue(name, `a string of 1 to ${maxNameCharacters} characters`, value);
}
