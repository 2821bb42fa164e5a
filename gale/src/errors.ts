/**
 * All error codes of Gale in one table, and the two error classes. Codes are stable, so programs can compare them; texts may change.
 * docs/reference/errors.md is generated from this table. This file is below every layer and imports nothing.
 */

/** One row of {@link errorTable}. */
export interface ErrorRow {
  /** What happened, as one sentence. */
  readonly what: string;
  /** What to do about it, as one sentence. */
  readonly todo: string;
}

/** All codes, by layer. The texts are only for the reference. No code reads them at run time, so bundles for browsers omit them. */
export const errorTable = {
  // run
  OPTION_UNKNOWN: {
    what: 'An option of the command line, a server, a program or a WebSocket has an unknown name.',
    todo: 'Use a name that the message lists. --help lists the options of the command line, docs/reference/options.md all others.',
  },
  OPTION_VALUE: {
    what: 'An option, or an argument of a function or constructor, has a value of the wrong type or outside its range.',
    todo: 'Use a value in the range that the message names.',
  },
  JSON_VALUE: {
    what: 'A value cannot be written as JSON without losing data, such as a promise, a Map, an Error or a BigInt.',
    todo: 'Send what the message says: await the promise, convert the Map, or give the class a toJSON method.',
  },
  PROGRAM_START: {
    what: 'A process of a program ended before it was ready and printed no reason.',
    todo: 'Check the exit code or signal in the message, the system log and memory limits.',
  },
  PROGRAM_RESTARTS: {
    what: 'Processes of a program crashed more often within a minute than maxRestartsPerMinute.',
    todo: 'Find the cause of the crashes on standard error.',
  },
  // http
  HTTP_REQUEST_LINE: {
    what: 'A request line is not METHOD SP target SP HTTP/1.x.',
    todo: 'Correct the client, or the proxy in front of the server, which sends malformed requests.',
  },
  HTTP_REQUEST_LINE_TOO_LONG: {
    what: 'A request line is longer than maxRequestLineBytes.',
    todo: 'Send a shorter target, or raise the limit.',
  },
  HTTP_METHOD: {
    what: 'No handler of the application has the method, or it is longer than maxRequestLineBytes.',
    todo: 'Use another method, or add it to supportedMethods of a handler.',
  },
  HTTP_VERSION: {
    what: 'A request has a version of HTTP other than HTTP/1.x.',
    todo: 'Use HTTP/1.1.',
  },
  HTTP_HEADER: {
    what: 'A header field is malformed.',
    todo: 'Correct the client, or the proxy in front of the server, which sends malformed requests.',
  },
  HTTP_HEAD_TOO_LARGE: {
    what: 'A request head is over maxHeadBytes or maxHeaderCount.',
    todo: 'Send fewer or smaller headers, especially cookies, or raise the limit.',
  },
  HTTP_HOST: {
    what: 'The Host header is missing, repeated or malformed.',
    todo: 'Send one valid Host header.',
  },
  HTTP_FRAMING: {
    what: 'Content-Length and Transfer-Encoding do not define the end of the body unambiguously.',
    todo: 'Send one Content-Length, or Transfer-Encoding: chunked in HTTP/1.1.',
  },
  HTTP_TRANSFER_CODING: {
    what: 'A body has a transfer coding other than chunked.',
    todo: 'Send the body with only chunked.',
  },
  HTTP_CHUNK: {
    what: 'A chunked body is malformed.',
    todo: 'Correct the client, or the proxy in front of the server, which sends malformed requests.',
  },
  HTTP_EXPECTATION: {
    what: 'A request expects something other than 100-continue.',
    todo: 'Omit the Expect header.',
  },
  HTTP_BODY_TOO_LARGE: {
    what: 'A request body is over maxBodyBytes, a form over maxFormBytes, JSON over maxJsonBytes, or a body with a Content-Encoding over maxDecodedBytes.',
    todo: 'Send less. The field option in the log names the limit: raise it, or set one for a handler with request.body.setMaxBytes.',
  },
  HTTP_BODY_MEMORY: {
    what: 'The bodies of all requests of a server have reached maxBodyMemoryBytes.',
    todo: 'Send the request again later. If it happens often, raise the limit, lower maxBodyBytes, or read large bodies as streams.',
  },
  HTTP_BODY_TAKEN: {
    what: 'A request body was read a second time.',
    todo: 'Read it once and keep the result.',
  },
  HTTP_REQUEST_TIMEOUT: {
    what: 'A client took too long to send its request.',
    todo: 'Raise headTimeoutMs, bodyTimeoutMs or requestTimeoutMs, or lower minBodyBytesPerSecond, if the clients are that slow.',
  },
  HTTP_OVERLOADED: {
    what: 'The server reached maxConnections or has no file descriptors left, or one address reached maxConnectionsPerAddress.',
    todo: 'Retry later, or raise the limit.',
  },
  HTTP_CLIENT_GONE: {
    what: 'The client disconnected before its response was complete.',
    todo: 'Stop the work for this request; nothing more can be sent.',
  },
  HTTP_RESPONSE_HEADER: {
    what: 'A status, reason or header of a response is not valid.',
    todo: 'Remove line breaks and control characters from the value. Let the server set the framing headers.',
  },
  HTTP_RESPONSE_HEAD_TOO_LARGE: {
    what: 'The head of a response is over maxResponseHeadBytes.',
    todo: 'Send fewer or shorter headers and cookies, or put the data into the body. Raise the limit if all clients and proxies accept it.',
  },
  HTTP_RESPONSE_BODY: {
    what: 'The body of a response, or a part of it, is neither text nor bytes, or its length changed before it was sent.',
    todo: 'Use a string or a Uint8Array, and do not change its memory until it is sent.',
  },
  HTTP_RESPONSE_STATE: {
    what: 'A response was started twice, or written to before its start or after its end.',
    todo: 'Respond once to each request: send, or start, write and end.',
  },
  HTTP_RESPONSE_LENGTH: {
    what: 'A response is shorter or longer than its Content-Length.',
    todo: 'Omit Content-Length, or set it to the number of written bytes.',
  },
  HTTP_PROXY_HEADER: {
    what: 'A connection does not begin with the required PROXY protocol header, or the header is malformed.',
    todo: 'Configure the proxy to send version 1 or 2 to this port, or turn the PROXY protocol off.',
  },
  HTTP_CLOSED: {
    what: 'listen was called during or after the close of a server.',
    todo: 'Create another HttpServer.',
  },
  HTTP_CLOSING: {
    what: 'The server began to close while a response was open.',
    todo: 'End the response when request.closing aborts. The client sends the request again.',
  },
  HTTP_UPGRADE: {
    what: 'A connection cannot be upgraded in its current state.',
    todo: 'Upgrade once, before any response, for a request without a body.',
  },
  // websocket
  WS_METHOD: {
    what: 'A WebSocket handshake has a method other than GET.',
    todo: 'Open the WebSocket with GET.',
  },
  WS_HANDSHAKE: {
    what: 'A WebSocket handshake has a missing or malformed part.',
    todo: 'Send what RFC 6455 section 4.1 requires of a client. Check whether a proxy drops Upgrade and Connection.',
  },
  WS_VERSION: {
    what: 'A WebSocket handshake has a version other than 13.',
    todo: 'Open the WebSocket with Sec-WebSocket-Version: 13.',
  },
  WS_RESPONSE: {
    what: 'The response to a handshake has an invalid header or subprotocol.',
    todo: 'Select one of the offered subprotocols, and keep control characters out of headers.',
  },
  WS_RESERVED_BITS: {
    what: 'A frame has reserved bits set that no extension uses.',
    todo: 'Do not set RSV1 to RSV3. Compress only if compression was negotiated.',
  },
  WS_OPCODE: {
    what: 'A frame has an unknown opcode.',
    todo: 'Use opcodes 0, 1, 2, 8, 9 and 10.',
  },
  WS_MASK: {
    what: 'A client sent a frame without a mask, or a server one with a mask.',
    todo: 'Mask every frame of a client and none of a server.',
  },
  WS_LENGTH: {
    what: 'A frame encodes its length in more bytes than needed, or a length over 2^63.',
    todo: 'Use the shortest encoding.',
  },
  WS_CONTROL_FRAME: {
    what: 'A control frame is fragmented or has over 125 bytes of payload.',
    todo: 'Send control frames unfragmented and short.',
  },
  WS_FRAGMENT: {
    what: 'A continuation frame has no message to continue, or a new message starts inside a fragmented one.',
    todo: 'End a fragmented message before the next one starts.',
  },
  WS_CLOSE_PAYLOAD: {
    what: 'A close frame has a payload of one byte, or an invalid code.',
    todo: 'Close with 1000 to 1003, 1007 to 1014, or with a code of your own from 3000 to 4999.',
  },
  WS_MESSAGE_TYPE: {
    what: 'A binary message arrived where messageTypes allows only text, or the reverse.',
    todo: 'Send the other type, or set messageTypes.',
  },
  WS_UTF8: {
    what: 'A text message is not valid UTF-8.',
    todo: 'Send other data as a binary message.',
  },
  WS_DEFLATE: {
    what: 'A compressed message is not valid deflate data, or is truncated.',
    todo: 'Refer to earlier messages only if context takeover was negotiated. Omit only the last four bytes, 00 00 ff ff.',
  },
  WS_MESSAGE_TOO_BIG: {
    what: 'A message is over maxMessageBytes, or would be after inflating.',
    todo: 'Raise maxMessageBytes or send parts.',
  },
  WS_TOO_MANY_FRAGMENTS: {
    what: 'A message has more fragments than maxFragments.',
    todo: 'Send larger fragments or raise maxFragments.',
  },
  WS_CLOSE_CODE: {
    what: 'A connection was closed with a code that must not be sent.',
    todo: 'Close with 1000 to 1003, 1007 to 1014, or with a code of your own from 3000 to 4999.',
  },
  WS_URL: {
    what: 'The URL of a WebSocket is invalid, or has another scheme, a fragment, or credentials that cannot be sent.',
    todo: 'Use an absolute URL of ws: or wss: without a fragment.',
  },
  WS_CONNECT: {
    what: 'The server of a WebSocket is unreachable, closed the connection, or did not respond in time.',
    todo: 'Check the cause. Retry after a delay, or raise connectTimeoutMs.',
  },
  WS_REFUSED: {
    what: "A server responded to a client's handshake with a status other than 101.",
    todo: 'Check status and headers in `response` of the error. Connect to the target of a redirect if you trust it.',
  },
  WS_BAD_RESPONSE: {
    what: "A server responded to a client's handshake with an invalid 101, or not in HTTP.",
    todo: 'Read the message. Check the server, and proxies and caches in between.',
  },
  WS_READ: {
    what: 'readMessage was called on a client with onMessage.',
    todo: 'Connect without onMessage, or handle messages there.',
  },
  // web
  WEB_SETTING: {
    what: 'A setting of an application has an unknown name or an invalid value.',
    todo: 'Use a name and a value that the message names.',
  },
  WEB_ROUTE: {
    what: 'A route is invalid, or its URL cannot be built.',
    todo: 'Correct the pattern, the name or the arguments that the message names.',
  },
  WEB_HANDLER: {
    what: 'A handler has no method or setting that the request needs.',
    todo: 'Define the method, or set the setting, that the message names.',
  },
  WEB_SECRET: {
    what: 'A value cannot be signed because the secret is missing or empty.',
    todo: 'Set `cookieSecret` to 32 random bytes or more, and `keyVersion` if it has several secrets.',
  },
  WEB_COOKIE: {
    what: 'A cookie cannot contain the value, or browsers would drop the cookie.',
    todo: 'Encode the value or use setSignedCookie, or change the attribute that the message names.',
  },
  WEB_HEADER: {
    what: 'A status, header or Location is not valid in HTTP.',
    todo: 'Remove control characters. Encode characters that are not Latin-1.',
  },
  WEB_SCHEMA: {
    what: 'The schema of a body, query or path is no Standard Schema, or fails instead of returning what is wrong.',
    todo: 'Use a schema of Zod 4, Valibot or ArkType, or check the cause.',
  },
  WEB_FORM: {
    what: 'A form was used wrongly: its values were read before they were valid, or its class does not extend Form.of.',
    todo: 'Read values after validate() returned true; extend Form.of({ … }).',
  },
  WEB_PART: {
    what: 'A part of a multipart body was read twice, too late, or while another was being read.',
    todo: 'Read each part inside the loop over parts(), before the loop continues.',
  },
  WEB_FILE: {
    what: 'An uploaded file was used after its response, or moved twice.',
    todo: 'Call moveTo once, before the verb returns, and await it.',
  },
  WEB_BODY: {
    what: 'A value cannot be the body of this response.',
    todo: 'Write or return what the message names. Write nothing with status 204, 205 or 304.',
  },
  WEB_RESPONDED: {
    what: 'A response was changed after its head was sent, or a verb returned a value although it wrote the response.',
    todo: 'Set status and headers before flush or finish, and finish once. Write the response or return it.',
  },
  WEB_UPGRADED: {
    what: 'A method for HTTP was called after the upgrade to a WebSocket.',
    todo: 'After open, use writeMessage and close. To refuse, throw in prepare.',
  },
  LOCALE_FILE: {
    what: 'A file or folder of translations cannot be read, is malformed, or is over a limit of loadTranslations.',
    todo: 'Correct the file and line that the message names, or raise the limit.',
  },
  TEMPLATE_NOT_FOUND: {
    what: 'A template that was loaded, extended or included does not exist in the root of the loader.',
    todo: 'Check the name and templatePath. A name is relative to its file, or with a leading / to the root.',
  },
  TEMPLATE_SYNTAX: {
    what: 'A template has a syntax error: a directive is not closed, unknown or in the wrong place.',
    todo: 'Check the file and line that the message names.',
  },
  TEMPLATE_EXPRESSION: {
    what: 'An expression of a template is not JavaScript, or does something that templates forbid (assign, import, statements).',
    todo: 'Check the file and line that the message names. Do the rest in the handler.',
  },
  TEMPLATE_LOOP: {
    what: 'A template extends or includes itself.',
    todo: 'Remove the cycle that the message names.',
  },
  TEMPLATE_NAME: {
    what: 'A template uses a variable that was not passed.',
    todo: 'Pass it. If it is optional, pass null or check it with typeof.',
  },
  TEMPLATE_VALUE: {
    what: 'A template cannot print a value (undefined, a function, a promise, an object without its own toString) or loop over it.',
    todo: 'Pass null to print nothing, print a property of the object, call the function, or await the promise in the handler.',
  },
  TEMPLATE_RUNTIME: {
    what: 'An expression of a template threw an error.',
    todo: 'Check the file and line that the message names, and the cause.',
  },
  WEB_UI_MODULE: {
    what: 'The resources of a UI module cannot be inserted into a page: a tag is missing, or a resource would end its element.',
    todo: 'Add the tag that the message names to the page, or change the resource of the module.',
  },
  // sessions
  WEB_SESSION: {
    what: 'this.session was used where there is none or while save() runs, or sessions in memory in a program of several processes.',
    todo: 'Set the setting sessions, use this.session after initialize, await save(), and use a store that processes share.',
  },
  SESSION_STORE: {
    what: 'The store of sessions is unavailable.',
    todo: 'Check the database that the message names. Pages that do not use this.session work meanwhile.',
  },
  SESSION_TOO_LARGE: {
    what: 'A session would be over maxBytes or maxKeys.',
    todo: 'Keep large data in a store of its own and only its id in the session, or raise the limit.',
  },
  SESSION_ENDED: {
    what: 'A session ended before update() could change it.',
    todo: 'Nothing; the next request of the client has no session.',
  },
  SESSION_CONFLICT: {
    what: 'update() of a session gave up, because other requests changed the value all the time.',
    todo: 'Retry later, and return faster from the function that is passed to update().',
  },
  // command
  COMMAND_APPLICATION: {
    what: 'npx gale cannot import a file, or the file exports no application.',
    todo: 'Export the application as default or as app, and listen only if import.meta.main is true.',
  },
  COMMAND_FILE: {
    what: 'npx gale cannot read or write a file or folder.',
    todo: 'Check the path and what the message says.',
  },
  // rooms
  ROOM_UNAVAILABLE: {
    what: 'The store of rooms is unavailable.',
    todo: 'Retry with the same id. Check the store.',
  },
  ROOM_ONE_PROCESS: {
    what: 'A program of several processes has a MemoryBroker, or opened a SqliteBroker before runProgram.',
    todo: 'Use a RedisBroker, which processes and servers share, or run the program with processes: 1.',
  },
  ROOM_PUBLISH_UNKNOWN: {
    what: 'A publish with retry: true has an unknown id, and ids of its author were dropped (dedupeCount).',
    todo: 'Show that the result is unknown. Publish with a new id only if the person asks for it.',
  },
  ROOM_STORE_IN_USE: {
    what: 'Another server, or another process of this one, uses the file of rooms.',
    todo: 'Stop that server or choose another file. Use Redis to share rooms between servers.',
  },
  ROOM_STORE_UNWRITABLE: {
    what: 'The file of rooms cannot be created or written.',
    todo: 'Check that its folder exists, its permissions and the free space.',
  },
  ROOM_STORE_UNREADABLE: {
    what: 'A file is not a store of rooms, or this version cannot read it.',
    todo: 'Choose another file, or run the version of Gale that wrote it.',
  },
  ROOM_STORE_REFUSED: {
    what: 'Redis responds but cannot be used: a wrong password, missing permissions, or a version before 7.0.',
    todo: 'Correct the problem that the message names.',
  },
  ROOM_BAD_FRAME: {
    what: 'A frame on a room socket is not a JSON object with a type.',
    todo: 'Send text frames of one JSON object each; docs/wire.md lists them.',
  },
  ROOM_UNKNOWN_COMMAND: {
    what: 'A frame on a room socket has a type that neither Gale nor the application knows.',
    todo: 'Use a command of docs/wire.md.',
  },
  ROOM_BAD_COMMAND: {
    what: 'A field of a command is missing or invalid.',
    todo: 'Correct the field that the message names.',
  },
  ROOM_BAD_DATA: {
    what: 'The data of a message does not match the schema of its room.',
    todo: 'Correct the values that the message names.',
  },
  ROOM_POSITION_GONE: {
    what: 'The history before a position was requested, and its message is no longer kept or belongs to another epoch.',
    todo: 'Read the history without `before`.',
  },
  ROOM_AMEND_REFUSED: {
    what: 'The socket of the application has no canAmend, so clients cannot amend messages.',
    todo: 'Override canAmend, and decide there who may amend a message.',
  },
  ROOM_AMEND_CONFLICT: {
    what: 'A message was amended in the meantime, so its version is another one.',
    todo: 'Show the new state of the message, and amend it again if the person wants that.',
  },
  ROOM_MESSAGE_GONE: {
    what: 'The room keeps no message with this author and id.',
    todo: 'Nothing; only kept messages can be amended.',
  },
  ROOM_UNKNOWN: {
    what: 'The room does not exist.',
    todo: 'Use the id of an existing room.',
  },
  ROOM_NOT_MEMBER: {
    what: 'The person is not a member of the room.',
    todo: 'Join the room first.',
  },
  ROOM_TOO_MANY: {
    what: 'A connection has the maximum number of subscriptions.',
    todo: 'Unsubscribe from another room.',
  },
  ROOM_TOO_FAST: {
    what: 'A person, or all people in a room, exceeded a rate, or a consumer has too many messages of the room to save; the command was not executed.',
    todo: 'Send the same command again after `retryAfterMs`; gale/client does this automatically. The message names the options of Rooms for the limit.',
  },
  ROOM_CONSUMER_LOST: {
    what: 'Another server has the consumer, since this one did not renew its claim in time.',
    todo: 'Read the consumer again: it waits for its turn. Messages that were not saved come again.',
  },
  ROOM_TOO_MANY_SOCKETS: {
    what: 'A person has the maximum number of open connections.',
    todo: 'Close one and retry, or raise maxSocketsPerPerson.',
  },
  ROOM_FAILED: {
    what: 'A hook of the application failed during a command.',
    todo: "Retry with the same id. The reason is in the server's log.",
  },
  ROOM_CONNECTION_LOST: {
    what: 'The connection ended before the response to a command.',
    todo: 'Retry after the reconnect. The client retries publishes automatically.',
  },
  ROOM_MESSAGE_TOO_BIG: {
    what: 'A message does not fit into one frame, so the client did not send it.',
    todo: 'Send it in parts.',
  },
  ROOM_DISCARDED: {
    what: 'The client discarded a pending message before it knew the result.',
    todo: 'Nothing; the message may have been stored.',
  },
  // testing
  TEST_REQUEST: {
    what: 'A test client cannot send a request or start a test in this way.',
    todo: 'Do what the message says, such as connect(path) for a WebSocket.',
  },
  TEST_RESPONSE: {
    what: 'The application under test closed the connection before its response was complete, or redirected without end.',
    todo: 'Read the log of the test app, which has the reason.',
  },
  TEST_LOG: {
    what: 'The log of the application under test has a warning or an error that the test does not expect, or lacks a line.',
    todo: 'Correct the application, or call expectLog for each line that belongs to the test.',
  },
  TEST_MESSAGE: {
    what: 'No message arrived on the WebSocket of a test.',
    todo: 'Send a message, or wait longer with timeoutMs.',
  },
  TEST_CLOSED: {
    what: 'A test app was used after it had closed.',
    todo: 'Use it before its test ends.',
  },
} as const;

/** The name of a row of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

/** HTTP status of the response, for errors of a request. */
export const errorStatuses: { readonly [code in ErrorCode]?: number } = {
  HTTP_REQUEST_LINE: 400,
  HTTP_REQUEST_LINE_TOO_LONG: 414,
  HTTP_METHOD: 501,
  HTTP_VERSION: 505,
  HTTP_HEADER: 400,
  HTTP_HEAD_TOO_LARGE: 431,
  HTTP_HOST: 400,
  HTTP_FRAMING: 400,
  HTTP_TRANSFER_CODING: 501,
  HTTP_CHUNK: 400,
  HTTP_EXPECTATION: 417,
  HTTP_BODY_TOO_LARGE: 413,
  HTTP_REQUEST_TIMEOUT: 408,
  HTTP_OVERLOADED: 503,
  HTTP_BODY_MEMORY: 503,
  HTTP_CLIENT_GONE: 400,
  HTTP_PROXY_HEADER: 400,
  HTTP_CLOSING: 503,
  WS_METHOD: 405,
  WS_HANDSHAKE: 400,
  WS_VERSION: 426,
  SESSION_STORE: 503,
  SESSION_TOO_LARGE: 413,
  SESSION_ENDED: 409,
  SESSION_CONFLICT: 503,
  ROOM_UNAVAILABLE: 503,
  ROOM_PUBLISH_UNKNOWN: 409,
  ROOM_BAD_DATA: 422,
  ROOM_POSITION_GONE: 410,
  ROOM_AMEND_REFUSED: 403,
  ROOM_AMEND_CONFLICT: 409,
  ROOM_MESSAGE_GONE: 410,
  ROOM_UNKNOWN: 404,
  ROOM_NOT_MEMBER: 403,
  ROOM_TOO_FAST: 429,
  ROOM_TOO_MANY_SOCKETS: 429,
  ROOM_FAILED: 500,
};

/** Close code that the peer gets, for errors of a WebSocket (RFC 6455 §7.4). */
export const errorCloseCodes: { readonly [code in ErrorCode]?: number } = {
  WS_RESERVED_BITS: 1002,
  WS_OPCODE: 1002,
  WS_MASK: 1002,
  WS_LENGTH: 1002,
  WS_CONTROL_FRAME: 1002,
  WS_FRAGMENT: 1002,
  WS_CLOSE_PAYLOAD: 1002,
  WS_MESSAGE_TYPE: 1003,
  WS_UTF8: 1007,
  WS_DEFLATE: 1007,
  WS_MESSAGE_TOO_BIG: 1009,
  WS_TOO_MANY_FRAGMENTS: 1009,
};

/** An error of Gale; its {@link GaleError.code} is a row of {@link errorTable}. */
export class GaleError extends Error {
  override readonly name: string = 'GaleError';
  /** Stable; documented in docs/reference/errors.md. */
  readonly code: ErrorCode;
  /** The option whose limit was reached, for the log: a client that reads the message cannot change it. */
  declare readonly option?: string;

  /**
   * @param code - Name of the row.
   * @param message - What happened, with which value, against which limit, and the next step.
   */
  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly option?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    if (options.option !== undefined) this.option = options.option;
  }

  /** HTTP status from {@link errorStatuses}; 500 for other errors. */
  get status(): number {
    return errorStatuses[this.code] ?? 500;
  }

  /** Close code from {@link errorCloseCodes}; 1011 for other errors. */
  get closeCode(): number {
    return errorCloseCodes[this.code] ?? 1011;
  }
}

/** The peer broke a rule of HTTP or WebSocket; it gets `status`, or its connection is closed with `closeCode`. */
export class ProtocolError extends GaleError {
  override readonly name: string = 'ProtocolError';
}
