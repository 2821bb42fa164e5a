/**
 * The time zones that the server knows, with their names in a language. Each name takes a formatter of its own, so they are made in steps, once
 * for each language: all at once would stop the server for 60 ms.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Zones of one step. */
const stepCount = 20;

/** The ids, as they are stored. */
export const timeZones: readonly string[] = Intl.supportedValuesOf('timeZone');

/** Cities and countries that were renamed after their id was made. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Godthab', 'America/Nuuk'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho Chi Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
]);

const named = new Map<string, Promise<readonly (readonly [zone: string, label: string])[]>>();

/** The ids and labels of all zones, such as `Asia / Shanghai · China Standard Time`. @param language - A tag of the languages of the chat. */
export function timeZoneLabels(language: string): Promise<readonly (readonly [zone: string, label: string])[]> {
  let labels = named.get(language);
  if (!labels) named.set(language, (labels = nameAll(language)));
  return labels;
}

async function nameAll(language: string): Promise<readonly (readonly [string, string])[]> {
  const labels: [zone: string, label: string][] = [];
  for (const [index, zone] of timeZones.entries()) {
    if (index % stepCount === 0) await nextTurn();
    const place = (renamed.get(zone) ?? zone).replaceAll('_', ' ').replaceAll('/', ' / ');
    labels.push([zone, `${place} · ${nameOf(zone, language)}`]);
  }
  return labels.toSorted(([, left], [, right]) => (left < right ? -1 : 1));
}

/** The name of a zone, the same in summer and winter. */
function nameOf(timeZone: string, language: string): string {
  const format = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'longGeneric' });
  return format.formatToParts(0).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}
