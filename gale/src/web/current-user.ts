/** What counts as a signed-in user, for `authenticated` and for the lifetime of the XSRF cookie. */

/** Whether `user` is a user: not undefined, null, false or an empty string. */
export function isSignedIn(user: unknown): boolean {
  return user !== undefined && user !== null && user !== false && user !== '';
}
