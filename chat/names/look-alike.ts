/**
 * Names that look alike: the skeleton of UTS #39 §4. The table of confusable characters is that of Unicode 13, from the package
 * `unhomoglyph`. Names that mix scripts are refused (scripts.ts), so it matters for names of one script, such as `Аса` and `Aca`, and for
 * names that were accepted earlier.
 */
import unhomoglyph from 'unhomoglyph';

/**
 * Converts a name to a text that is the same for all names that look alike, in any case of letters.
 *
 * @param name - A result of `readName`. Longer text takes quadratic time.
 */
export function skeletonOf(name: string): string {
  const skeleton = unhomoglyph(name.normalize('NFKD')).normalize('NFD');
  return skeleton.toLowerCase().normalize('NFC');
}
