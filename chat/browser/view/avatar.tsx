/**
 * A person's colour and initials. The style sheet draws the initials, so that they are not text: the name is next to them, and a
 * button that contains both is named by the name alone.
 */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Person } from 'gale/client';
import { initials, tint } from '../text/initials.ts';
import { PeopleContext } from './mention.tsx';

/** The avatar of one person: the picture if there is one. */
export function Avatar({ person, isSmall = false }: { person: Person; isSmall?: boolean }): JSX.Element {
  const { find } = useContext(PeopleContext);
  const known = find(person.id);
  const { name, picture } = known ?? { name: person.name, picture: undefined };
  return (
    <span
      class={`avatar tint-${tint(person.id)}${isSmall ? ' avatar--small' : ''}`}
      data-initials={initials(name)}
      aria-hidden="true"
    >
      {picture !== undefined && <img src={`/people/${person.id}/picture/${picture}`} alt="" loading="lazy" />}
    </span>
  );
}
