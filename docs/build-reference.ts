/**
 * Generates docs/reference/: errors.md from the table in gale/src/errors.ts, options.md from the docstrings of the options,
 * names.md from the entries of the package.
 * Run it with `npm run build:reference`. A test fails if the pages differ from the source.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { errorCloseCodes, errorStatuses, errorTable, type ErrorCode } from '../gale/src/errors.ts';
import { readExportedNames } from './exported-names.ts';

/** Files that declare options, in the order of the page. */
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
    file: 'http/options/close-options.ts',
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
  {
    file: 'web/locale/locale-settings.ts',
    name: 'LocaleSettings',
    title: 'Languages',
    use: 'the setting `locale`',
  },
  {
    file: 'web/locale/load-translations.ts',
    name: 'LoadTranslationsOptions',
    title: 'Loading translations',
    use: '`loadTranslations(folder, options)`',
  },
  {
    file: 'web/locale/locale.ts',
    name: 'FormatDateOptions',
    title: 'Formatting a date',
    use: '`locale.formatDate(date, options)`',
  },
  {
    file: 'web/locale/locale.ts',
    name: 'FormatDayOptions',
    title: 'Formatting a day',
    use: '`locale.formatDay(date, options)`',
  },
  {
    file: 'web/links/linkify.ts',
    name: 'LinkifyOptions',
    title: 'Links in texts',
    use: '`linkify(text, options)`',
  },
  {
    file: 'web/links/links.ts',
    name: 'SplitLinksOptions',
    title: 'Parts of texts with links',
    use: '`splitLinks(text, options)`',
  },
  {
    file: 'web/events/events-options.ts',
    name: 'EventsOptions',
    title: 'Server-sent events',
    use: '`this.events(options)` of a handler',
  },
  {
    file: 'web/health/health-routes.ts',
    name: 'HealthOptions',
    title: 'Health routes',
    use: '`healthRoutes(options)`',
  },
  {
    file: 'web/middleware/compress.ts',
    name: 'CompressOptions',
    title: 'Middleware compress',
    use: '`compress(options)`',
  },
  {
    file: 'web/middleware/cors.ts',
    name: 'CorsOptions',
    title: 'Middleware cors',
    use: '`cors(options)`',
  },
  {
    file: 'web/middleware/security-headers.ts',
    name: 'SecurityHeadersOptions',
    title: 'Middleware securityHeaders',
    use: '`securityHeaders(options)`',
  },
  {
    file: 'web/middleware/rate-limit.ts',
    name: 'RateLimitOptions',
    title: 'Middleware rateLimit',
    use: '`rateLimit(options)`',
  },
  {
    file: 'web/middleware/request-id.ts',
    name: 'RequestIdOptions',
    title: 'Middleware requestId',
    use: '`requestId(options)`',
  },
  {
    file: 'web/middleware/basic-auth.ts',
    name: 'BasicAuthOptions',
    title: 'Middleware basicAuth',
    use: '`basicAuth(options)`',
  },
  {
    file: 'web/unauthenticated.ts',
    name: 'AuthenticatedOptions',
    title: 'Signed-in users',
    use: '`authenticated(options)` and `requireUser(options)`',
  },
  {
    file: 'web/middleware/require-user.ts',
    name: 'RequireUserOptions',
    title: 'Middleware requireUser',
    use: '`requireUser(options)`',
  },
  {
    file: 'web/middleware/redis-rate-limit-store.ts',
    name: 'RedisRateLimitStoreOptions',
    title: 'Redis store of rate limits',
    use: '`RedisRateLimitStore.open(options)`',
  },
  {
    file: 'web/sessions/sessions-options.ts',
    name: 'SessionsOptions',
    title: 'Sessions',
    use: 'the setting `sessions`: `sessions(options)`',
  },
  {
    file: 'web/sessions/memory/memory-session-store.ts',
    name: 'MemorySessionStoreOptions',
    title: 'Memory store of sessions',
    use: '`new MemorySessionStore(options)`',
  },
  {
    file: 'web/sessions/sqlite/sqlite-session-store.ts',
    name: 'SqliteSessionStoreOptions',
    title: 'SQLite store of sessions',
    use: '`SqliteSessionStore.open(options)`',
  },
  {
    file: 'web/sessions/redis/redis-session-store.ts',
    name: 'RedisSessionStoreOptions',
    title: 'Redis store of sessions',
    use: '`RedisSessionStore.open(options)`',
  },
  {
    file: 'web/sessions/ring/ring-session-store.ts',
    name: 'RingSessionStoreOptions',
    title: 'Several stores of sessions',
    use: '`RingSessionStore.open(options)`',
  },
  {
    file: 'stores/hash-ring/hash-ring.ts',
    name: 'HashRingOptions',
    title: 'Hash ring',
    use: '`new HashRing(nodes, options)`',
  },
  {
    file: 'web/forms/form-definition.ts',
    name: 'FormDefinitionOptions',
    title: 'Class of forms',
    use: '`Form.of(fields, options)`',
  },
  {
    file: 'web/forms/form-options.ts',
    name: 'FormOptions',
    title: 'Form',
    use: '`new MyForm(handler, options)`',
  },
  {
    file: 'web/forms/field-options.ts',
    name: 'FieldOptions',
    title: 'Fields of forms',
    use: 'every field except `hiddenField`',
  },
  {
    file: 'web/forms/field-options.ts',
    name: 'CheckOptions',
    title: 'Checks of fields',
    use: 'every field',
  },
  {
    file: 'web/forms/text-field.ts',
    name: 'LengthOptions',
    title: 'Length of a text',
    use: '`textField`, `textareaField`, `passwordField`',
  },
  {
    file: 'web/forms/text-field.ts',
    name: 'RawOptions',
    title: 'White space of a text',
    use: '`textField`, `textareaField`',
  },
  {
    file: 'web/forms/text-field.ts',
    name: 'TextFieldOptions',
    title: 'Text field',
    use: '`textField(options)`',
  },
  {
    file: 'web/forms/text-field.ts',
    name: 'TextareaFieldOptions',
    title: 'Textarea',
    use: '`textareaField(options)`',
  },
  {
    file: 'web/forms/number-field.ts',
    name: 'NumberFieldOptions',
    title: 'Number fields',
    use: '`integerField(options)`, `decimalField(options)`',
  },
  {
    file: 'web/forms/number-field.ts',
    name: 'DecimalFieldOptions',
    title: 'Decimal field',
    use: '`decimalField(options)`',
  },
  {
    file: 'web/forms/calendar-field.ts',
    name: 'DateFieldOptions',
    title: 'Date field',
    use: '`dateField(options)`',
  },
  {
    file: 'web/forms/calendar-field.ts',
    name: 'TimeFieldOptions',
    title: 'Time field',
    use: '`timeField(options)`',
  },
  {
    file: 'web/forms/choice-field.ts',
    name: 'ChoiceFieldOptions',
    title: 'Choice field',
    use: '`choiceField(options)`',
  },
  {
    file: 'web/forms/choice-field.ts',
    name: 'MultipleChoiceFieldOptions',
    title: 'Multiple choice field',
    use: '`multipleChoiceField(options)`',
  },
  {
    file: 'web/forms/file-field.ts',
    name: 'FileFieldOptions',
    title: 'File field',
    use: '`fileField(options)`',
  },
  {
    file: 'rooms/rooms-options.ts',
    name: 'TypedRoomsOptions',
    base: { file: 'rooms/rooms-options.ts', name: 'RoomsOptions' },
    title: 'Rooms',
    use: '`new Rooms(broker, options)`',
  },
  {
    file: 'rooms/history/history-request.ts',
    name: 'HistoryRequest',
    title: 'History of a room',
    use: '`rooms.history(room, request)`',
  },
  {
    file: 'rooms/client/client-options.ts',
    name: 'RoomsClientOptions',
    title: 'Client of rooms',
    use: '`new RoomsClient(options)`',
  },
] as const;

/** Text of docs/reference/errors.md. */
export function errorsPage(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
    const { what, todo } = errorTable[code];
    return `| \`${code}\` | ${errorStatuses[code] ?? ''} | ${errorCloseCodes[code] ?? ''} | ${what} | ${todo} |`;
  });
  return `# Error codes

Generated from \`gale/src/errors.ts\` by \`npm run build:reference\`. Codes are stable; messages may change.
\`status\` is the status of the HTTP response, \`close\` the close code of the WebSocket.

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
      return `## ${title}\n\n\`${name}\`: ${use}.\n\n| option | meaning | default |\n|---|---|---|\n${rows.join('\n')}\n`;
    }),
  );
  return `# Options

Generated from the docstrings by \`npm run build:reference\`. Every limit is on by default. An invalid value throws when the server,
the application or the rooms are created; the error names the option, the value and the range. \`npm start -- --help\` lists the
options of the chat room.

${sections.join('\n')}`;
}

/** Text of docs/reference/names.md. */
export async function namesPage(): Promise<string> {
  const byEntry = Map.groupBy(await readExportedNames(), ({ entry }) => entry);
  const sections = [...byEntry].map(([entry, names]) => {
    const rows = names.map(({ name, kind, file }) => {
      return `| \`${name}\` | ${kind} | [${file.replace('gale/src/', '')}](../../${file}) |`;
    });
    return `## \`${entry}\`: ${names.length} names\n\n| name | kind | source |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Exported names

Generated from \`exports\` of \`gale/package.json\` by \`npm run build:reference\`. \`gale\` has what nearly every application imports;
the other entries have the rest. A name that several entries export is the same in all of them.

${sections.join('\n')}`;
}

/** One row per documented property of an interface. */
async function optionsOf({ file, name }: { readonly file: string; readonly name: string }): Promise<string[]> {
  const source = await readFile(new URL(`../gale/src/${file}`, import.meta.url), 'utf8');
  const body = new RegExp(`^export interface ${name}\\b.*?\\{\\n(.*?)^\\}`, 'ms').exec(source)?.[1];
  if (body === undefined) throw new Error(`Unknown interface ${name}.`);
  const properties = body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)(\??):/gs);
  return Array.from(properties, ([, comment = '', property = '', optional]) => {
    const words = comment
      .replaceAll(/\s*\n\s*\* ?/g, ' ')
      .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
      .trim();
    const [what = '', byDefault] = words.split(/\s*@defaultValue\s*/);
    return `| \`${property}\` | ${cell(what)} | ${cell(byDefault ?? (optional === '?' ? 'none' : 'required'))} |`;
  });
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL('reference/errors.md', import.meta.url), errorsPage());
  await writeFile(new URL('reference/options.md', import.meta.url), await optionsPage());
  await writeFile(new URL('reference/names.md', import.meta.url), await namesPage());
}
