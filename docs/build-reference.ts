/**
 * Writes docs/reference/errors.md from the table in gale/src/errors.ts: `npm run build:reference`.
 * A test fails while the page and the table differ.
 */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { errorTable, type ErrorRow } from 'gale';

/** The page's text. */
export function errorsPage(): string {
  const rows = Object.entries<ErrorRow>(errorTable).map(
    ([code, { status, closeCode, what, todo }]) =>
      `| \`${code}\` | ${status ?? ''} | ${closeCode ?? ''} | ${what} | ${todo} |`,
  );
  return `# Error codes

Made from \`gale/src/errors.ts\` by \`npm run build:reference\`. Codes are stable; messages may change.
\`status\` is what an HTTP client is answered, \`close\` the code a WebSocket is closed with.

| code | status | close | what happened | what to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL('reference/errors.md', import.meta.url), errorsPage());
}
