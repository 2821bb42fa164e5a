/**
 * The name of a device in the list of sessions, from the header User-Agent. It helps a person to recognize it and decides nothing.
 */

/** Most characters of the header that are kept. */
export const maxAgentCharacters = 300;

/** A browser and its system, as they call themselves; undefined if not recognized. */
export interface Device {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** In order: later ones are also in the header of earlier ones. */
const browsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['WeChat', /MicroMessenger\//],
  ['QQ', /\bQQBrowser\//],
  ['Huawei Browser', /HuaweiBrowser\//],
  ['UC Browser', /\bUCBrowser\//],
  ['Samsung Internet', /SamsungBrowser\//],
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//],
  ['Safari', /\bSafari\//],
];

const systems: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['Android', /\bAndroid\b/],
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

/** Reads the header. */
export function readDevice(agent: string): Device {
  const find = (known: readonly (readonly [string, RegExp])[]): string | undefined =>
    known.find(([, pattern]) => pattern.test(agent))?.[0];
  const text = agent.slice(0, maxAgentCharacters);
  return text === '' ? { browser: undefined, system: undefined } : { browser: find(browsers), system: find(systems) };
}
