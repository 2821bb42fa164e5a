/**
 * A person's colour and initials. The style sheet draws the initials, so that they are not text: the name is next to them, and a
 * button that contains both is named by the name alone.
 */
import type { JSX } from 'preact';
import type { Person } from 'gale/client';
import { initials, tint } from '../text/initials.ts';

/** The avatar of one person. */
export function Avatar({ person, isSmall = false }: { person: Person; isSmall?: boolean }): JSX.Element {
  return (
    <span
      class={`avatar tint-${tint(person.id)}${isSmall ? ' avatar--small' : ''}`}
      data-initials={initials(person.name)}
      aria-hidden="true"
    />
  );
}
