/**
 * Validates the names of new people, and new names: as all names, and none that looks like a mention of everybody, since a mention is shown by
 * the name.
 */
import { everybodyNames } from '../mentions/mention-wire.ts';
import { maxPersonNameCodePoints, readName, type NameProblem } from '../name.ts';
import { skeletonOf } from './look-alike.ts';

/** Why the name of a person is invalid. */
export type PersonNameProblem = NameProblem | 'nameReserved';

const reserved: ReadonlySet<string> = new Set(everybodyNames.map(skeletonOf));

/** Validates a typed name of a person. @returns The name as it will be shown, or why it is invalid. */
export function readPersonName(typed: string): { readonly name: string } | { readonly problem: PersonNameProblem } {
  const read = readName(typed, maxPersonNameCodePoints);
  return 'name' in read && reserved.has(skeletonOf(read.name)) ? { problem: 'nameReserved' } : read;
}

/** @returns Why the typed name of a person is invalid, if it is. */
export function personNameProblem(typed: string): PersonNameProblem | undefined {
  const read = readPersonName(typed);
  return 'problem' in read ? read.problem : undefined;
}
