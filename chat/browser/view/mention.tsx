/** A mention in a message: the name that the person has now. */
import { createContext, type Context, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { mentionsAll } from '../../wire.ts';
import type { Person } from 'gale/client';
import type { Translate } from '../../locale/index.ts';
import type { KnownPerson } from '../session/people-names.ts';
import { useWords } from './words.ts';

/** Finds a person by their id; undefined until the server has answered, null for an unknown one. */
export type FindPerson = (id: string) => KnownPerson | undefined;

/** The people whom the page knows. */
export interface KnownPeople {
  readonly me: string;
  /** A new function for each change. */
  readonly find: FindPerson;
}

/** Provided by `App`. */
export const PeopleContext: Context<KnownPeople> = createContext<KnownPeople>({ me: '', find: () => undefined });

/** Renders a mention. */
export function Mention({ id }: { id: string }): JSX.Element {
  const { t } = useWords();
  const { me, find } = useContext(PeopleContext);
  const isMine = id === me || id === mentionsAll;
  const handle = id === mentionsAll ? undefined : find(id)?.handle;
  return (
    <span class={isMine ? 'mention mention--me' : 'mention'} data-person={id} dir="auto">
      {mentionName(id, find, t)}
      {handle !== undefined && <span class="handle">{handle}</span>}
    </span>
  );
}

/** The name of a person now, for texts; {@link PersonName} shows it with the handle. */
export function nameNow({ id, name }: Person, find: FindPerson): string {
  return find(id)?.name ?? name;
}

/** The name that a mention shows, with its `@`. */
export function mentionName(id: string, find: FindPerson, t: Translate): string {
  if (id === mentionsAll) return `@${t('everybody')}`;
  const person = find(id);
  if (person === undefined) return '@…';
  if (person === null) return `@${t('unknownPerson')}`;
  return `@${person.name === '' ? t('deletedPerson') : person.name}`;
}

/** The name of a person now. @param person - As the server described them earlier. */
export function currentName(person: Person, find: FindPerson, t: Translate): string {
  return (find(person.id)?.name ?? person.name) || t('deletedPerson');
}
