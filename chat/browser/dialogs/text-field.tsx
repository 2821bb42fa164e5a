/** A text field of a dialog with its label, a hint and an error. It keeps its own value, which a composition may be changing. */
import type { JSX, RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { isComposingKey } from '../text/enter-key.ts';

/** Props of {@link TextField}. */
export interface TextFieldProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly value?: string;
  readonly isFirst?: boolean;
  readonly onInput?: () => void;
}

/** Renders the field. */
export function TextField({
  field,
  label,
  hint,
  error,
  value = '',
  isFirst = false,
  onInput,
}: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={field}
        dir="auto"
        autocomplete="off"
        autofocus={isFirst}
        defaultValue={value}
        onInput={onInput}
        // Enter and Esc that end a composition must not submit or close the dialog.
        onKeyDown={(event) => {
          if (isComposingKey(event)) event.preventDefault();
        }}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error ${id}-hint`}
      />
      {error !== undefined && (
        <p id={`${id}-error`} class="field-error" role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
