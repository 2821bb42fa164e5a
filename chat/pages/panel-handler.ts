/**
 * The common part of the pages of settings and administration: a head with links, and a line that says what was done.
 */
import type { PageKey } from '../locale/pages/index.ts';
import { PageHandler } from './page-handler.ts';

/** The pages that the head links to. */
const places: readonly { readonly path: string; readonly label: PageKey; readonly isForAdministrators: boolean }[] = [
  { path: '/settings', label: 'settings', isForAdministrators: false },
  { path: '/admin/people', label: 'adminPeople', isForAdministrators: true },
  { path: '/admin/invites', label: 'adminInvites', isForAdministrators: true },
  { path: '/admin/rooms', label: 'adminRooms', isForAdministrators: true },
  { path: '/admin/audit', label: 'adminAudit', isForAdministrators: true },
];

/** A part of a line of a page: a text, or a time with the text around it. */
export interface Note {
  readonly before: string;
  readonly iso?: string;
  readonly time?: string;
  /** The time zone, or `browser`, which knows it better. */
  readonly zone?: string;
  readonly after?: string;
}

export class PanelHandler extends PageHandler {
  /** Texts by the value of `done` in the address. */
  protected get notices(): Readonly<Record<string, PageKey>> {
    return {};
  }

  override getTemplateNamespace(): object {
    const { path } = this.request;
    const isAdministrator = this.currentUser?.role === 'administrator';
    const done = this.getQueryArgument('done', '');
    return {
      ...super.getTemplateNamespace(),
      places: places
        .filter(({ isForAdministrators }) => isAdministrator || !isForAdministrators)
        .map((place) => ({ ...place, isHere: path === place.path || path.startsWith(`${place.path}/`) })),
      notice: Object.hasOwn(this.notices, done) ? this.notices[done] : undefined,
      path,
    };
  }

  /** A time for row-notes.html, in the language and the time zone of the person. */
  protected time(ms: number): Note {
    const timeZone = this.currentUser?.choices.timeZone ?? undefined;
    const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: timeZone ?? 'UTC' } as const;
    const time = new Intl.DateTimeFormat(this.language, options).format(ms);
    const isOfBrowser = timeZone === undefined;
    return {
      before: '',
      iso: new Date(ms).toISOString(),
      // The script of the page replaces it.
      time: isOfBrowser ? `${time} UTC` : time,
      zone: timeZone ?? 'browser',
      after: '',
    };
  }

  /** A text with a `{time}`. */
  protected timeNote(key: PageKey, ms: number): Note {
    const [before = '', after = ''] = this.t(key, { time: placeholder }).split(placeholder);
    return { ...this.time(ms), before, after };
  }
}

const placeholder = '\u0000';
