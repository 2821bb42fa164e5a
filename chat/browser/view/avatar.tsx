/** A person's colour and initials. Hidden from screen readers, because the name is next to it. */
import type { JSX } from 'preact';
import type { Person } from 'gale/client';
import { initials, tint } from '../text/initials.ts';

/** The avatar of one person. */
export function Avatar({ person, isSmall = false }: { person: Person; isSmall?: boolean }): JSX.Element {
  return (
    <span class={`avatar tint-${tint(person.id)}${isSmall ? ' avatar--small' : ''}`} aria-hidden="true">
      {initials(person.name)}
    </span>
  );
}
