/** The placeholder of an empty area: what is empty, and what the user can do. */
import type { ComponentChildren, JSX } from 'preact';

/** Props of {@link EmptyRoom}. */
export interface EmptyRoomProps {
  readonly title: string;
  readonly hint: string;
  /** Whether the area has no other title. */
  readonly isAlone?: boolean;
  readonly children?: ComponentChildren;
}

/** A picture, a title, a hint, and optional actions. */
export function EmptyRoom({ title, hint, isAlone = false, children }: EmptyRoomProps): JSX.Element {
  const Title = isAlone ? 'h1' : 'h2';
  return (
    <div class="empty">
      <svg class="empty-wind" viewBox="0 0 96 64" aria-hidden="true" focusable="false">
        <path d="M6 26h46c9 0 12-6 10-11s-9-6-12-1M6 36h66c9 0 14 5 12 11s-10 7-13 1M6 46h30c7 0 10 4 8 8" />
      </svg>
      <Title class="empty-title" tabIndex={isAlone ? -1 : undefined}>
        {title}
      </Title>
      <p class="empty-hint">{hint}</p>
      {children}
    </div>
  );
}
