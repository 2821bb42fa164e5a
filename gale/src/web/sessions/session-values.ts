/** The types of the values of sessions. Applications declare them. */

/**
 * The values of sessions by key. An application adds its own; without any, every key is allowed and values are `unknown`.
 *
 * @example
 * declare module 'gale' {
 *   interface SessionValues {
 *     cart: readonly string[];
 *   }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-empty-interface -- Applications add to it.
export interface SessionValues {}

/** Keys of values. */
export type SessionKey<Values = SessionValues> = keyof Values extends never ? string : Extract<keyof Values, string>;

/** The value of a key. */
export type SessionValue<Key, Values = SessionValues> = Key extends keyof Values ? Values[Key] : unknown;
