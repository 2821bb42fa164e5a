/**
 * The quick switcher: its field, which is a part of the page because the keys after Ctrl+K must arrive in it at once. The list is loaded
 * later; it then does what the keys asked for.
 */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { Icon } from './icon.tsx';
import { dialogsPart, useLazyPart } from './lazy-part.ts';
import { Modal } from './modal.tsx';
import { PartLoading } from './part-loading.tsx';
import { useWords } from './words.ts';

/** The field, as the list uses it. */
export interface SwitcherField {
  readonly id: string;
  readonly query: string;
  /** Arrow keys before the list was loaded: how far down. */
  readonly steps: number;
  /** The person pressed Enter before there was something to open. */
  readonly isEntered: boolean;
  /** What they typed since then, which is for the room. */
  readonly typed: () => string;
  readonly forgetEntered: () => void;
  /** Notes the number of the chosen option; undefined without options. */
  readonly onChosen: (chosen: number | undefined) => void;
  /** Takes what the keys do from now on. */
  readonly takeKeys: (keys: SwitcherKeys) => void;
}

/** What the keys do in the field. */
export interface SwitcherKeys {
  readonly move: (step: number) => void;
  /** Opens the choice at once, so that the next key arrives in the room. @returns Whether there is one, or nothing to wait for. */
  readonly enter: () => boolean;
}

interface SwitcherProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** Renders the dialog. */
export function QuickSwitcher({ chat, state, onClose }: SwitcherProps): JSX.Element {
  const { t } = useWords();
  const { module, hasFailed, retry } = useLazyPart(dialogsPart);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<number>();
  const [isEntered, setEntered] = useState(false);
  const steps = useRef(0);
  const typed = useRef('');
  // Until the list is loaded, the keys are only noted.
  const keys = useRef<SwitcherKeys>({ move: (step) => void (steps.current += step), enter: () => false });
  const id = useId();

  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event)) {
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      keys.current.move(step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!keys.current.enter()) setEntered(true);
    }
  };
  const field: SwitcherField = {
    id,
    query,
    steps: steps.current,
    isEntered,
    typed: () => typed.current,
    forgetEntered: () => {
      setEntered(false);
      setQuery(query + typed.current);
    },
    onChosen: setChosen,
    takeKeys: (taken) => (keys.current = taken),
  };
  return (
    <Modal class="switcher" label={t('switcher')} onClose={onClose}>
      <div class="search-field switcher-field">
        <Icon name="search" />
        <input
          type="search"
          role="combobox"
          // Suggestions are in the list below, not in a <datalist>.
          list={undefined}
          autocomplete="off"
          autofocus
          dir="auto"
          maxLength={100}
          aria-label={t('switcher')}
          aria-expanded={chosen !== undefined}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen}`}
          placeholder={t('switcherHint')}
          onInput={({ currentTarget: { value } }) => {
            const isForRoom = isEntered && value.startsWith(query);
            typed.current = isForRoom ? value.slice(query.length) : '';
            if (isForRoom) return;
            setQuery(value);
            setEntered(false);
            steps.current = 0;
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {module ? (
        <module.SwitcherList chat={chat} state={state} field={field} onClose={onClose} />
      ) : (
        <PartLoading hasFailed={hasFailed} onRetry={retry} />
      )}
    </Modal>
  );
}
