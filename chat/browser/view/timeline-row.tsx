/** One item of the timeline: a message, or a line between messages. */
import type { JSX } from 'preact';
import type { Person } from 'gale/client';
import type { TimelineItem } from '../state/timeline-layout.ts';
import { dayLabel } from '../time/day.ts';
import { MessageRow, type MessageRowProps } from './message-row.tsx';
import type { Words } from './words.ts';

/** Most names in one line about people who came or left. The others are counted. */
const namedPeople = 3;

/** Props of {@link TimelineRow}. */
export type TimelineRowProps = Omit<MessageRowProps, 'message'> & { readonly item: TimelineItem };

/** Renders an item of any kind. */
export function TimelineRow({ item, words, ...row }: TimelineRowProps): JSX.Element {
  const { t, language, today, timeZone } = words;
  switch (item.kind) {
    case 'message':
      return <MessageRow message={item} words={words} {...row} />;
    case 'day':
      return (
        <li class="day-line">
          <time dateTime={new Date(item.time).toISOString()}>{dayLabel(item.time, today, language, t, timeZone)}</time>
        </li>
      );
    case 'unread':
      return (
        <li class="unread-line">
          <span role="separator" aria-label={t('unread')}>
            {t('unread')}
          </span>
        </li>
      );
    case 'start':
      return <li class="start-line">{t(item.isFirst ? 'historyBegin' : 'historyStart')}</li>;
    case 'notice': {
      const key = item.change === 'enter' ? 'cameIn' : 'wentAway';
      const [before, after] = t(key, { names: '\n', count: item.people.length + item.more }).split('\n');
      return (
        <li class="notice-line">
          {before}
          {listNames(item, words)}
          {after}
        </li>
      );
    }
  }
}

/** Isolates each name, so that a right-to-left name does not change the order of the others. */
function listNames(
  { people, more }: { readonly people: readonly Person[]; readonly more: number },
  { t, language }: Words,
): JSX.Element[] {
  const names = people.slice(0, namedPeople).map(({ name }) => name);
  const others = people.length + more - names.length;
  if (others > 0) names.push(t(names.length > 0 ? 'andOthers' : 'peopleCount', { count: others }));
  const parts = new Intl.ListFormat(language, { type: 'conjunction' }).formatToParts(names);
  return parts.map(({ type, value }, index) =>
    type === 'element' ? <bdi key={index}>{value}</bdi> : <span key={index}>{value}</span>,
  );
}
