/** The members of a list that the command line asks for. */
import { GaleError } from 'gale';

/**
 * The members of `all` that a list of names asks for, in their own order.
 *
 * @param option - The option that holds the list.
 * @param list - Names, by comma; `all` for all.
 * @throws {@link GaleError} `OPTION_VALUE` for a name that nobody has.
 */
export function named<Named extends { readonly name: string }>(
  option: string,
  all: readonly Named[],
  list: string,
): readonly Named[] {
  if (list === 'all') return all;
  const names = list.split(',');
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ');
    throw new GaleError('OPTION_VALUE', `--${option} names "${unknown}"; there are ${known}.`);
  }
  return all.filter(({ name }) => names.includes(name));
}
