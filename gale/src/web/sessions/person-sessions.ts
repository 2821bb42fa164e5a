/** The sessions of people, as handlers list and end them: `this.session.all`, and the object that `sessions()` returns. */

/** One session of a person. */
export interface PersonSession {
  /** Its public name: `this.session.handle` of its requests. */
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

/** Lists and ends sessions. Every method rejects with `SESSION_STORE` while the store is unavailable. */
export interface PersonSessions {
  /** The sessions of a person, last used first. */
  of(person: string): Promise<PersonSession[]>;
  /**
   * Ends a session. Whoever knows a handle has seen a list with it; check that the person of the request may end it if others can see it.
   *
   * @returns Whether it existed.
   */
  end(handle: string): Promise<boolean>;
  /**
   * Ends all sessions of a person but one, such as after a change of the password.
   *
   * @param handle - The session that stays: `this.session.handle`.
   * @returns The handles of the sessions that ended. If the method rejects, some sessions may have ended.
   */
  endOthers(person: string, handle: string | undefined): Promise<readonly string[]>;
  /** Ends all sessions of a person, such as when an account is closed. @returns The handles of the sessions that ended. */
  endAll(person: string): Promise<readonly string[]>;
  /** @returns Those of the handles whose sessions have not ended, such as to close WebSockets of the others. */
  living(handles: Iterable<string>): Promise<Set<string>>;
}
