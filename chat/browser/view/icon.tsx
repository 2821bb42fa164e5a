/** The icons of the first view: lines on a 24 by 24 grid, in the colour of the text. The others are in late-icon.tsx. */
import type { JSX } from 'preact';

/** The lines, by name. */
export const paths = {
  archive: 'M4 4.5h16v4.5H4ZM5.5 9v10.5h13V9M10 13h4',
  back: 'M15 5l-7 7 7 7',
  'bell-off': 'M6 16.5V11c0-1 .2-1.8.6-2.6M9 5.8A6 6 0 0 1 18 11v5.5M4.5 18H18M10 20.5h4M4 4l16 16',
  browse: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM15.5 8.5l-2 5-5 2 2-5Z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h10.5v10.5H9ZM15 9V4.5H4.5V15H9',
  down: 'M12 5v14M6 13l6 6 6-6',
  hash: 'M9.5 4 8 20M16 4l-1.5 16M4.5 9h15M4 15h15',
  home: 'M4 11 12 4.5 20 11M6 9.5V19h12V9.5',
  lock: 'M6 10.5h12v9H6ZM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  at: 'M15.5 12a3.5 3.5 0 1 0-7 0 3.5 3.5 0 0 0 7 0Zm0 0v1.3a2.6 2.6 0 0 0 5.2 0V12a8.7 8.7 0 1 0-3.6 7',
  pencil: 'M5 19l1-4.5L16.5 4 20 7.5 9.5 18ZM14 6.5l3.5 3.5',
  people:
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.9c1.9.7 3.1 2.2 3.5 4.6',
  pin: 'M9 4h6l-.7 5.5L17.5 13h-11l3.2-3.5ZM12 13v7',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 4.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM16 16l4 4',
  send: 'M4.5 12 20 4.5 16 20l-4-6-7.5-2ZM12 14l8-9.5',
  up: 'M12 19V5M6 11l6-6 6 6',
  warning: 'M12 7.5v5.5M12 16.5h.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
} as const;

/** The name of an icon. */
export type IconName = keyof typeof paths;

/** One icon. Hidden from screen readers: put its meaning in a text or label. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return <Lines name={name} path={paths[name]} />;
}

/** An icon with these lines. */
export function Lines({ name, path }: { name: string; path: string }): JSX.Element {
  return (
    <svg class={`icon icon--${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}
