/** The icons of the page: lines on a 24 by 24 grid, in the colour of the text. */
import type { JSX } from 'preact';

const paths = {
  archive: 'M4 4.5h16v4.5H4ZM5.5 9v10.5h13V9M10 13h4',
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4',
  'bell-off': 'M6 16.5V11c0-1 .2-1.8.6-2.6M9 5.8A6 6 0 0 1 18 11v5.5M4.5 18H18M10 20.5h4M4 4l16 16',
  browse: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM15.5 8.5l-2 5-5 2 2-5Z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h10.5v10.5H9ZM15 9V4.5H4.5V15H9',
  down: 'M12 5v14M6 13l6 6 6-6',
  edit: 'M14.5 6 18 9.5M4.5 19.5l.9-4.1L16.2 4.6a1.6 1.6 0 0 1 2.3 0l.9.9a1.6 1.6 0 0 1 0 2.3L8.6 18.6Z',
  hash: 'M9.5 4 8 20M16 4l-1.5 16M4.5 9h15M4 15h15',
  home: 'M4 11 12 4.5 20 11M6 9.5V19h12V9.5',
  info: 'M12 11v5.5M12 7.5h.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
  leave: 'M14 4.5H6v15h8M10.5 12H20M16.5 8l4 4-4 4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2',
  lock: 'M6 10.5h12v9H6ZM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  at: 'M15.5 12a3.5 3.5 0 1 0-7 0 3.5 3.5 0 0 0 7 0Zm0 0v1.3a2.6 2.6 0 0 0 5.2 0V12a8.7 8.7 0 1 0-3.6 7',
  pencil: 'M5 19l1-4.5L16.5 4 20 7.5 9.5 18ZM14 6.5l3.5 3.5',
  people:
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.9c1.9.7 3.1 2.2 3.5 4.6',
  pin: 'M9 4h6l-.7 5.5L17.5 13h-11l3.2-3.5ZM12 13v7',
  'person-add':
    'M10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 19.5c.6-3.4 3.2-5 6.5-5 1.7 0 3.2.4 4.4 1.3M18 13.5v7M14.5 17h7',
  plus: 'M12 5v14M5 12h14',
  reply: 'M9.5 6 4 11.5 9.5 17M4 11.5h9.5c3.6 0 6 2.1 6.5 6.5',
  search: 'M11 4.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM16 16l4 4',
  send: 'M4.5 12 20 4.5 16 20l-4-6-7.5-2ZM12 14l8-9.5',
  settings: 'M4.5 7.5h8M17 7.5h2.5M4.5 16.5H7M11.5 16.5h8M14.75 5.25v4.5M9.25 14.25v4.5',
  smile:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM8.5 14c.8 1.5 2 2.2 3.5 2.2s2.7-.7 3.5-2.2M9.2 9.8h.01M14.8 9.8h.01',
  trash: 'M5 7h14M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5',
  unpin: 'M9 4h6l-.7 5.5L17.5 13h-11l3.2-3.5ZM12 13v7M4 4l16 16',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9',
  unread: 'M4.5 6h10M4.5 12h7M4.5 18h15M18.5 4a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  up: 'M12 19V5M6 11l6-6 6 6',
  warning: 'M12 7.5v5.5M12 16.5h.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
} as const;

/** The name of an icon. */
export type IconName = keyof typeof paths;

/** One icon. Hidden from screen readers: put its meaning in a text or label. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class={`icon icon--${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
