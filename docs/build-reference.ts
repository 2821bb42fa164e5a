/**
 * Writes docs/reference/: errors.md from the table in gale/src/errors.ts, options.md from the docstrings of the options.
 * `npm run build:reference`; a test fails while the pages and the source differ.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { errorTable, type ErrorRow } from 'gale';

/** Where options are declared, in the order of the page. */
const optionSources = [
  {
    file: 'http/options/server-options.ts',
    name: 'HttpServerOptions',
    title: 'HTTP server',
    use: '`new HttpServer(listener, options)`, or the setting `server`',
  },
  {
    file: 'http/options/listen-options.ts',
    name: 'ListenOptions',
    title: 'Listening',
    use: '`server.listen(options)`, `app.listen(options)`',
  },
  {
    file: 'http/server.ts',
    name: 'CloseOptions',
    title: 'Closing a server',
    use: '`server.close(options)`',
  },
  {
    file: 'run/program.ts',
    name: 'ProgramOptions',
    title: 'Program',
    use: '`runProgram(start, options)`',
  },
  {
    file: 'websocket/websocket-options.ts',
    name: 'WebSocketOptions',
    title: 'WebSocket',
    use: 'the setting `websocket`, or `websocketOptions` of a `WebSocketHandler`',
  },
  {
    file: 'websocket/client/connect-options.ts',
    name: 'ConnectOptions',
    title: 'WebSocket client',
    use: '`connectWebSocket(url, options)`',
  },
  {
    file: 'web/settings.ts',
    name: 'Settings',
    base: { file: 'web/handler-settings.ts', name: 'HandlerSettings' },
    title: 'Application',
    use: '`new Application(routes, settings)`',
  },
  { file: 'rooms/rooms-options.ts', name: 'RoomsOptions', title: 'Rooms', use: '`new Rooms(broker, options)`' },
  {
    file: 'rooms/client/client-options.ts',
    name: 'RoomsClientOptions',
    title: 'Client of rooms',
    use: '`new RoomsClient(options)`',
  },
] as const;

/** Text of docs/reference/errors.md. */
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

/** Text of docs/reference/options.md. */
export async function optionsPage(): Promise<string> {
  const sections = await Promise.all(
    optionSources.map(async (source) => {
      const { name, title, use } = source;
      const rows = await optionsOf(source);
      if ('base' in source) rows.unshift(...(await optionsOf(source.base)));
      return `## ${title}\n\n\`${name}\`: ${use}.\n\n| option | what | default |\n|---|---|---|\n${rows.join('\n')}\n`;
    }),
  );
  return `# Options

Made from the docstrings by \`npm run build:reference\`. Every limit is on by default. The server, the
WebSocket, the application and the rooms refuse a wrong value when the application or the rooms are created, by an error that
names the option, the value and the range. The chat room's options are told by
\`npm start -- --help\`.

${sections.join('\n')}`;
}

/** One row for each property of an interface that has a docstring. */
async function optionsOf({ file, name }: { readonly file: string; readonly name: string }): Promise<string[]> {
  const source = await readFile(new URL(`../gale/src/${file}`, import.meta.url), 'utf8');
  const body = new RegExp(`^export interface ${name}\\b.*?\\{\\n(.*?)^\\}`, 'ms').exec(source)?.[1];
  if (body === undefined) throw new Error(`There is no interface ${name}.`);
  const properties = body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)(\??):/gs);
  return Array.from(properties, ([, comment = '', property = '', optional]) => {
    const words = comment
      .replaceAll(/\s*\n\s*\* ?/g, ' ')
      .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
      .trim();
    const [what = '', byDefault] = words.split(/\s*@defaultValue\s*/);
    return `| \`${property}\` | ${cell(what)} | ${cell(byDefault ?? (optional === '?' ? 'none' : 'has to be given'))} |`;
  });
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL('reference/errors.md', import.meta.url), errorsPage());
  await writeFile(new URL('reference/options.md', import.meta.url), await optionsPage());
}
