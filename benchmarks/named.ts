/** The members of a list that the command line names. */
import { GaleError } from 'gale';

/**
 * Returns the members of `all` that `list` names, in the order of `all`.
 *
 * @param option - Name of the option with the list.
 * @param list - Names separated by commas, or `all`.
 * @throws {@link GaleError} `OPTION_VALUE` for an unknown name.
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
    throw new GaleError('OPTION_VALUE', `--${option} must be names of ${known}; got "${unknown}".`);
  }
  return all.filter(({ name }) => names.includes(name));
}
