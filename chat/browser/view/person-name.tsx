/** The name of a person as it is now, with a handle if another name looks alike. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Person } from 'gale/client';
import { currentName, PeopleContext } from './mention.tsx';
import { useWords } from './words.ts';

/** Renders the name. @param person - As the server described them earlier; they may have another name now. */
export function PersonName({ person }: { person: Person }): JSX.Element {
  const { t } = useWords();
  const { find } = useContext(PeopleContext);
  const known = find(person.id);
  return (
    <>
      {currentName(person, find, t)}
      {known?.handle !== undefined && <span class="handle">{known.handle}</span>}
    </>
  );
}
