/** A button that opens a small panel, such as a menu. Esc, a choice or a click elsewhere closes the panel. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useBack } from './use-back.ts';

/** Props of {@link Disclosure}. */
export interface DisclosureProps {
  readonly label: string;
  readonly class: string;
  /** Content of the button. */
  readonly summary: ComponentChildren;
  readonly children: (close: () => void) => ComponentChildren;
}

/** The button and its panel. The panel is hidden until it is opened. */
export function Disclosure({ label, class: className, summary, children }: DisclosureProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useBack(isOpen, close);

  useEffect(() => {
    if (!isOpen) return;
    const onElsewhere = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onElsewhere);
    document.addEventListener('focusin', onElsewhere);
    return () => {
      document.removeEventListener('pointerdown', onElsewhere);
      document.removeEventListener('focusin', onElsewhere);
    };
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    close();
  };
  return (
    <div class={`disclosure ${className}`} ref={root} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class="disclosure-button"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={panelId}
        onClick={() => setOpen(!isOpen)}
      >
        {summary}
      </button>
      <div id={panelId} class="disclosure-panel" hidden={!isOpen}>
        {isOpen && children(close)}
      </div>
    </div>
  );
}
