/** Where clients connect to: addresses that take turns, as at a balancer. */

/** Returns the address for the next attempt. `failed` is true if the connection before it could not be opened. */
export type Route = (failed: boolean) => string;

/** Each connection goes to the next address. */
export function roundRobin(urls: readonly (() => string)[], begin = 0): Route {
  let next = begin;
  return () => (urls[next++ % urls.length] as () => string)();
}

/** Stays at one address while it accepts connections, then goes to the next. */
export function sticky(urls: readonly (() => string)[], begin = 0): Route {
  let at = begin;
  return (failed) => {
    if (failed) at += 1;
    return (urls[at % urls.length] as () => string)();
  };
}

/** The address for a person. */
export function addressOf(url: string, person: string): string {
  return `${url}?name=${encodeURIComponent(person)}`;
}
