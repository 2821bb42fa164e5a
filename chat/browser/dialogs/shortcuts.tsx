/** The list of keyboard shortcuts. */
import { useId } from 'preact/hooks';
import type { JSX } from 'preact';
import type { TranslateRooms } from '../../locale/rooms/index.ts';
import { Modal } from '../view/modal.tsx';
import { isApple } from '../view/keys.ts';
import { DialogHead } from './dialog-head.tsx';
import { useDialogWords } from './dialog-words.ts';
import type { DialogProps } from './room-dialogs.tsx';

/** The keys of each shortcut, in their order, after those that the person has chosen. */
const shortcuts: readonly (readonly [Parameters<TranslateRooms>[0], ...string[]])[] = [
  ['keyEditLast', '↑'],
  ['keyMention', '@'],
  ['keyCancel', 'Esc'],
  ['keySwitch', 'Ctrl', 'K'],
  ['keyRooms', 'Alt', '↑ ↓'],
  ['keyUnread', 'Alt', 'Shift', '↑ ↓'],
  ['keyMessages', '↑ ↓'],
  ['keyShortcuts', 'Ctrl', '/'],
];

/** Renders the dialog. */
export function Shortcuts({ state, onClose }: DialogProps): JSX.Element {
  const { a, d } = useDialogWords();
  const id = useId();
  const isEnter = state.choices.sendKey === 'enter';
  const send = ['keySend', ...(isEnter ? [] : ['Ctrl']), 'Enter'] as const;
  const newLine = ['keyNewLine', ...(isEnter ? ['Shift'] : []), 'Enter'] as const;
  return (
    <Modal titleId={id} onClose={onClose}>
      <div class="dialog-form">
        <DialogHead id={id} title={a('shortcuts')} onClose={onClose} />
        <dl class="shortcuts">
          {[send, newLine, ...shortcuts].map(([what, ...keys]) => (
            <div key={what}>
              <dt>{d(what)}</dt>
              <dd>
                {keys.map((key) => (
                  <kbd key={key}>{key === 'Ctrl' && isApple() ? '⌘' : key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Modal>
  );
}
