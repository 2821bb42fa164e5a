/** A modal dialog that is open while it is mounted. Esc, "back", a click on the backdrop or its own buttons close it. */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { giveFocus } from '../session/whereabouts.ts';
import { useBack } from './use-back.ts';

/** Props of {@link Modal}. */
export interface ModalProps {
  /** Id of the element with the title. */
  readonly titleId?: string;
  readonly label?: string;
  /** Ids of the elements that describe it. */
  readonly describedBy?: string;
  readonly class?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** The dialog. The focus returns to where it was before. */
export function Modal({ titleId, label, describedBy, class: className = '', ...props }: ModalProps): JSX.Element {
  const { onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useBack(true, onClose);
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => {
      // A removed dialog does not return the focus.
      element.close();
      // The room that the dialog opens may take it.
      const { activeElement, body } = document;
      if (activeElement instanceof HTMLElement && activeElement !== body) giveFocus(activeElement);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${className}`}
      aria-labelledby={titleId}
      aria-label={label}
      aria-describedby={describedBy}
      onCancel={(event) => {
        // The owner removes the dialog.
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        // Only a click on the backdrop has the dialog itself as its target.
        if (event.target === dialog.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
