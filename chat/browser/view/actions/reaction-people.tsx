/** The people who reacted to a message with an emoji, for touch screens, which have no titles. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actionTranslator } from '../../../locale/actions/index.ts';
import { useWords } from '../words.ts';

/** Props of {@link ReactionPeople}. */
export interface ReactionPeopleProps {
  readonly emoji: string;
  /** Loads the names, as one text. */
  readonly load: () => Promise<string>;
}

/** Renders the content of a popup. */
export function ReactionPeople({ emoji, load }: ReactionPeopleProps): JSX.Element {
  const a = actionTranslator(useWords().language);
  const [names, setNames] = useState<string>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => void load().then(setNames, () => setFailed(true)), []);
  return (
    <p class="reaction-people" role="status">
      <span class="reaction-emoji">{emoji}</span>{' '}
      <span dir="auto">{hasFailed ? a('peopleFailed') : (names ?? a('loadingPeople'))}</span>
    </p>
  );
}
