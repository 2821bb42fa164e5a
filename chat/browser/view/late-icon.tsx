/** The icons of parts that are loaded later: menus, dialogs, actions. */
import type { JSX } from 'preact';
import { Lines, paths, type IconName } from './icon.tsx';

const latePaths = {
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4',
  edit: 'M14.5 6 18 9.5M4.5 19.5l.9-4.1L16.2 4.6a1.6 1.6 0 0 1 2.3 0l.9.9a1.6 1.6 0 0 1 0 2.3L8.6 18.6Z',
  info: 'M12 11v5.5M12 7.5h.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
  keyboard: 'M3.5 6.5h17v11h-17ZM7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M7.5 14h9',
  leave: 'M14 4.5H6v15h8M10.5 12H20M16.5 8l4 4-4 4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2',
  'person-add':
    'M10 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 19.5c.6-3.4 3.2-5 6.5-5 1.7 0 3.2.4 4.4 1.3M18 13.5v7M14.5 17h7',
  reply: 'M9.5 6 4 11.5 9.5 17M4 11.5h9.5c3.6 0 6 2.1 6.5 6.5',
  settings: 'M4.5 7.5h8M17 7.5h2.5M4.5 16.5H7M11.5 16.5h8M14.75 5.25v4.5M9.25 14.25v4.5',
  smile:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM8.5 14c.8 1.5 2 2.2 3.5 2.2s2.7-.7 3.5-2.2M9.2 9.8h.01M14.8 9.8h.01',
  trash: 'M5 7h14M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9',
  unpin: 'M9 4h6l-.7 5.5L17.5 13h-11l3.2-3.5ZM12 13v7M4 4l16 16',
  unread: 'M4.5 6h10M4.5 12h7M4.5 18h15M18.5 4a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
} as const;

/** The name of any icon. */
export type LateIconName = IconName | keyof typeof latePaths;

const allPaths: Readonly<Record<LateIconName, string>> = { ...paths, ...latePaths };

/** One icon. Hidden from screen readers: put its meaning in a text or label. */
export function LateIcon({ name }: { name: LateIconName }): JSX.Element {
  return <Lines name={name} path={allPaths[name]} />;
}
