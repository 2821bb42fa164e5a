import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { tintCount } from '../text/initials.ts';

const css = await readFile(new URL('tokens.css', import.meta.url), 'utf8');

/** A colour as lightness, chroma and hue. */
type Colour = readonly [lightness: number, chroma: number, hue: number];

function colours(pattern: string): Colour[] {
  const found = css.matchAll(new RegExp(`${pattern}: oklch\\((\\S+)% (\\S+) (\\S+)\\)`, 'g'));
  return Array.from(found, ([, lightness, chroma, hue]) => [Number(lightness) / 100, Number(chroma), Number(hue)]);
}

/** The axes of OKLab, in which equal distances look equally different. */
function toLab([lightness, chroma, hue]: Colour): [number, number, number] {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** Linear red, green and blue from 0 to 1 (CSS Color 4 §10, OKLab to linear sRGB). */
function toLinear(colour: Colour): [number, number, number] {
  const [lightness, a, b] = toLab(colour);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: Colour): number {
  const [red, green, blue] = toLinear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const tints = colours('--tint');
const [ink] = colours('--tint-ink');

test('each colour of a person is in the style sheet once, so both themes have the same', () => {
  assert.equal(tints.length, tintCount);
  assert.equal(colours('--tint-ink').length, 1);
});

test('initials have the contrast of WCAG AA on every colour', () => {
  for (const [index, tint] of tints.entries()) {
    for (const channel of toLinear(tint)) assert.ok(channel >= -1e-4 && channel <= 1.0001, `tint ${index} is in sRGB`);
    const contrast = (luminance(ink!) + 0.05) / (luminance(tint) + 0.05);
    assert.ok(contrast >= 4.5, `tint ${index} has a contrast of ${contrast.toFixed(2)}`);
  }
});

test('any two colours look different', () => {
  for (const [index, tint] of tints.entries()) {
    for (const [other, second] of tints.slice(0, index).entries()) {
      const [a, b] = [toLab(tint), toLab(second)];
      const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
      // About four times the smallest difference that people see.
      assert.ok(distance >= 0.08, `tints ${other} and ${index} differ by ${distance.toFixed(3)}`);
    }
  }
});
