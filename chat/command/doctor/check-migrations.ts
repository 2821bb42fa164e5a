/**
 * Compares the migrations of a database with those of this version.
 */
import { migrationsFor } from '../../database/migrations/index.ts';
import type { Findings } from './finding.ts';

/** @param executed - Names of the migrations of the database; undefined if it has no tables. */
export function checkMigrations(findings: Findings, executed: readonly string[] | undefined): void {
  const known = Object.keys(migrationsFor('sqlite'));
  if (executed === undefined) return findings.note('it has no tables yet; the first start creates them');
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    findings.wrong(`a newer version wrote it (migration ${unknown.at(-1)}); start that version, or restore a backup`);
    return;
  }
  const missing = known.filter((name) => !executed.includes(name));
  const skipped = missing.find((name) => executed.some((later) => later > name));
  if (skipped !== undefined) {
    findings.wrong(
      `a development version wrote it (without migration ${skipped}); restore a backup of a released version`,
    );
    return;
  }
  if (missing.length > 0) findings.note(`the next start migrates it (${missing.join(', ')})`);
  else findings.ok('its tables are those of this version');
}
