/**
 * Every error code of Gale in one table, and the two classes that carry them.
 * A code is stable and may be tested for; the words may change. The page docs/reference/errors.md is made from this table.
 * It is below every layer and imports nothing.
 */

/** One row of {@link errorTable}. */
export interface ErrorRow {
  /** What happened, as one sentence. */
  readonly what: string;
  /** What to do about it, as one sentence. */
  readonly todo: string;
}

/** All codes, layer by layer. The words are for the reference only: no code at run time reads them, so that bundles of pages leave them out. */
export const errorTable = {
  // run
  OPTION_UNKNOWN: {
    what: 'An option, of the command line, a server, a program or a WebSocket, has a name that there is not.',
    todo: 'Use a name that the message lists; --help lists those of the command line, docs/reference/options.md all others.',
  },
  OPTION_VALUE: {
    what: 'An option has a value of the wrong type or outside its range.',
    todo: 'Give a value inside the range that the message names.',
  },
  PROGRAM_START: {
    what: 'A process of a program ended before it was ready, without a word of its own.',
    todo: 'See what ended it: the exit code or signal in the message, the log of the system, memory limits above all.',
  },
  PROGRAM_RESTARTS: {
    what: 'Processes of a program crashed more often within a minute than maxRestartsPerMinute.',
    todo: 'See why they crash; what they said is on standard error.',
  },
  // http
  HTTP_REQUEST_LINE: {
    what: 'A request line is not METHOD SP target SP HTTP/1.x.',
    todo: 'Nothing on the server; the client or a proxy in front of it sends malformed requests.',
  },
  HTTP_REQUEST_LINE_TOO_LONG: {
    what: 'A request line is longer than maxRequestLineBytes.',
    todo: 'Send a shorter target, or raise the limit.',
  },
  HTTP_VERSION: {
    what: 'A request names a version of HTTP other than 1.0 and 1.1.',
    todo: 'Speak HTTP/1.1.',
  },
  HTTP_HEADER: {
    what: 'A header field is malformed.',
    todo: 'Nothing on the server; the client or a proxy in front of it sends malformed requests.',
  },
  HTTP_HEAD_TOO_LARGE: {
    what: 'A request head is over maxHeadBytes or maxHeaderCount.',
    todo: 'Send fewer or smaller headers, cookies above all, or raise the limit.',
  },
  HTTP_HOST: {
    what: 'The Host header is missing, repeated or malformed.',
    todo: 'Send one valid Host header.',
  },
  HTTP_FRAMING: {
    what: 'Content-Length and Transfer-Encoding do not say in one way where the body ends.',
    todo: 'Send one Content-Length, or Transfer-Encoding: chunked in HTTP/1.1.',
  },
  HTTP_TRANSFER_CODING: {
    what: 'A body has a transfer coding other than chunked.',
    todo: 'Send the body with chunked alone.',
  },
  HTTP_CHUNK: {
    what: 'A chunked body is malformed.',
    todo: 'Nothing on the server; the client or a proxy in front of it sends malformed requests.',
  },
  HTTP_EXPECTATION: {
    what: 'A request expects something other than 100-continue.',
    todo: 'Leave the Expect header out.',
  },
  HTTP_BODY_TOO_LARGE: {
    what: 'A request body is over maxBodyBytes.',
    todo: 'Send less, or raise the limit for the server or with request.body.setMaxBytes.',
  },
  HTTP_BODY_TAKEN: {
    what: 'A request body was read a second time.',
    todo: 'Read it once and keep what was read.',
  },
  HTTP_REQUEST_TIMEOUT: {
    what: 'A client took too long to send its request.',
    todo: 'Raise headTimeoutMs or bodyTimeoutMs if the clients are that slow.',
  },
  HTTP_OVERLOADED: {
    what: 'The server has maxConnections connections or no file descriptor left, or one address has maxConnectionsPerAddress.',
    todo: 'Come back later, or raise the limit.',
  },
  HTTP_CLIENT_GONE: {
    what: 'The client left before its answer was complete.',
    todo: 'Stop working for it; nothing more can be sent.',
  },
  HTTP_RESPONSE_HEADER: {
    what: 'A status, reason or header of an answer holds what must not be sent.',
    todo: 'Take line ends and controls out of the value; leave framing headers to the server.',
  },
  HTTP_RESPONSE_BODY: {
    what: 'The body of an answer, or a part of it, is neither text nor bytes, or changed its length before it was sent.',
    todo: 'Give a string or a Uint8Array, and leave its memory alone until it is sent.',
  },
  HTTP_RESPONSE_STATE: {
    what: 'An answer was begun twice, or written to before its start or after its end.',
    todo: 'Answer each request once: send, or start, write and end.',
  },
  HTTP_RESPONSE_LENGTH: {
    what: 'An answer is shorter or longer than its Content-Length.',
    todo: 'Leave Content-Length out, or make it the number of bytes that are written.',
  },
  HTTP_PROXY_HEADER: {
    what: 'A connection that should begin with a header of the PROXY protocol does not, or the header is malformed.',
    todo: 'Let the proxy send version 1 or 2 to this port, or turn the PROXY protocol off.',
  },
  HTTP_CLOSED: {
    what: 'A server was to listen during or after its close.',
    todo: 'Make another HttpServer, and let it listen.',
  },
  HTTP_UPGRADE: {
    what: 'A connection was to be taken out of HTTP when that was not possible.',
    todo: 'Upgrade before anything is answered, for a request without a body, once.',
  },
  // websocket
  WS_METHOD: {
    what: 'A WebSocket handshake came with another method than GET.',
    todo: 'Open the WebSocket with GET.',
  },
  WS_HANDSHAKE: {
    what: 'A WebSocket handshake lacks something or holds something malformed.',
    todo: 'Send what RFC 6455 section 4.1 asks of a client; see whether a proxy drops Upgrade and Connection.',
  },
  WS_VERSION: {
    what: 'A WebSocket handshake asks for another version than 13.',
    todo: 'Open the WebSocket with Sec-WebSocket-Version: 13.',
  },
  WS_ANSWER: {
    what: 'The answer to a handshake holds a header or a subprotocol that may not be sent.',
    todo: 'Choose one of the offered subprotocols; keep control characters out of headers.',
  },
  WS_RESERVED_BITS: {
    what: 'A frame has reserved bits set that no extension claimed.',
    todo: 'Do not set RSV1 to RSV3; do not compress what was not agreed on.',
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
    what: 'A frame writes its length in more bytes than needed, or over 2^63.',
    todo: 'Use the shortest encoding.',
  },
  WS_CONTROL_FRAME: {
    what: 'A control frame is fragmented or carries over 125 bytes.',
    todo: 'Send control frames whole and short.',
  },
  WS_FRAGMENT: {
    what: 'A fragment came where none belongs, or a new message inside a fragmented one.',
    todo: 'End a fragmented message before the next begins.',
  },
  WS_CLOSE_PAYLOAD: {
    what: 'A close frame has one byte, or a code that may not be sent.',
    todo: 'Close with 1000, or with a code of 3000 to 4999.',
  },
  WS_MESSAGE_TYPE: {
    what: 'A binary message came where only text is taken, or the other way round.',
    todo: 'Send the other kind, or set messageTypes.',
  },
  WS_UTF8: {
    what: 'A text is not valid UTF-8.',
    todo: 'Send other data as a binary message.',
  },
  WS_DEFLATE: {
    what: 'A compressed message is not valid deflate data, or breaks off.',
    todo: 'Refer to earlier messages only where context takeover was agreed on; leave out the last four bytes 00 00 ff ff only.',
  },
  WS_MESSAGE_TOO_BIG: {
    what: 'A message is over maxMessageBytes, or would be once inflated.',
    todo: 'Raise maxMessageBytes or send parts.',
  },
  WS_TOO_MANY_FRAGMENTS: {
    what: 'A message has more fragments than maxFragments.',
    todo: 'Send larger fragments or raise maxFragments.',
  },
  WS_CLOSE_CODE: {
    what: 'A connection was to be closed with a code that may not be sent.',
    todo: 'Close with 1000, or with a code of 3000 to 4999.',
  },
  WS_URL: {
    what: 'The URL of a WebSocket to connect to is no URL, has another scheme, a fragment, or a user that cannot be sent.',
    todo: 'Give an absolute URL of ws: or wss: without a fragment.',
  },
  WS_CONNECT: {
    what: 'The server of a WebSocket could not be reached, broke off, or did not answer in time.',
    todo: 'See the cause; try again after a while, or raise connectTimeoutMs.',
  },
  WS_REFUSED: {
    what: 'A server answered the handshake of a client with another status than 101.',
    todo: 'See `response` of the error for status and headers; connect to where a redirect leads, if you trust that.',
  },
  WS_BAD_ANSWER: {
    what: 'A server answered the handshake of a client with 101, but breaks its rules, or answered with no HTTP at all.',
    todo: 'See the message; look at the server, and at proxies and caches in between.',
  },
  WS_READ: {
    what: 'A message was to be read from a client whose messages go to its onMessage.',
    todo: 'Connect without onMessage, or wait for messages there.',
  },
  // web
  WEB_SETTING: {
    what: 'An application has a setting whose name or value is wrong.',
    todo: 'Use a name and a value that the message names.',
  },
  WEB_ROUTE: {
    what: 'A route cannot be built, or its URL cannot be made.',
    todo: 'Mend the pattern, the name or the arguments that the message names.',
  },
  WEB_HANDLER: {
    what: 'A handler lacks what the request needs of it.',
    todo: 'Define the method, or give the setting, that the message names.',
  },
  WEB_SECRET: {
    what: 'A value cannot be signed because its secret is not there.',
    todo: 'Give the setting `cookieSecret`, and `keyVersion` where it holds several secrets.',
  },
  WEB_COOKIE: {
    what: 'A cookie would hold what no cookie can carry.',
    todo: 'Encode the value, or use setSignedCookie.',
  },
  WEB_HEADER: {
    what: 'A status, header or Location would hold what HTTP cannot carry.',
    todo: 'Leave out control characters; encode what is not Latin-1.',
  },
  WEB_BODY: {
    what: 'Something was written that cannot be the body of this answer.',
    todo: 'Write a string, bytes or an object, and nothing with status 204, 205 or 304.',
  },
  WEB_ANSWERED: {
    what: 'An answer was changed after its head had left.',
    todo: 'Set status and headers before flush or finish, and finish once.',
  },
  WEB_UPGRADED: {
    what: 'A method of HTTP was called after the connection had become a WebSocket.',
    todo: 'Use writeMessage and close from open on; refuse in prepare.',
  },
  TEMPLATE_NOT_FOUND: {
    what: 'A template that was asked for, extended or included does not exist inside the root of the loader.',
    todo: 'Look at the name and at templatePath; a name counts from the file it stands in, with a leading / from the root.',
  },
  TEMPLATE_SYNTAX: {
    what: 'The text of a template is wrong: something is not closed, or a tag is unknown or in the wrong place.',
    todo: 'Look at the file and line that the message names.',
  },
  TEMPLATE_EXPRESSION: {
    what: 'An expression of a template is not JavaScript, or does what a template may not (assign, import, hold statements).',
    todo: 'Look at the file and line that the message names; do in the handler what is more than an expression.',
  },
  TEMPLATE_LOOP: {
    what: 'A template extends or includes itself.',
    todo: 'Break the loop that the message names.',
  },
  TEMPLATE_NAME: {
    what: 'A template used a name that it was not passed.',
    todo: 'Pass it; where it may be missing, pass null or ask with typeof.',
  },
  TEMPLATE_VALUE: {
    what: 'A template got a value that it cannot print (undefined, a function, a promise) or loop over.',
    todo: 'Pass null for nothing, call the function, await the promise in the handler.',
  },
  TEMPLATE_RUNTIME: {
    what: 'An expression of a template threw an error.',
    todo: 'Look at the file and line that the message names, and at the cause.',
  },
  // rooms
  ROOM_UNAVAILABLE: {
    what: 'The store of rooms does not answer.',
    todo: 'Repeat with the same id; look at the store.',
  },
  ROOM_ONE_PROCESS: {
    what: 'A program of several processes has a MemoryBroker, or had opened a SqliteBroker before runProgram.',
    todo: 'Use a RedisBroker, which processes and servers share, or run the program with processes: 1.',
  },
  ROOM_PUBLISH_UNKNOWN: {
    what: 'A publish with retry: true has an id that is not known, and ids of its author were dropped meanwhile (dedupeCount).',
    todo: 'Show that it is not known whether the message was sent; publish it with a new id only if a person asks for it.',
  },
  ROOM_STORE_IN_USE: {
    what: 'The file of rooms is held by another server, or by another process of this one.',
    todo: 'Stop that server or choose another file; several servers share rooms through Redis.',
  },
  ROOM_STORE_UNWRITABLE: {
    what: 'The file of rooms cannot be made or written.',
    todo: 'Look whether its folder is there, and at rights and free space.',
  },
  ROOM_STORE_UNREADABLE: {
    what: 'A file is no store of rooms, or one that this version cannot read.',
    todo: 'Choose another file, or run the version of Gale that wrote it.',
  },
  ROOM_STORE_REFUSED: {
    what: 'Redis answered but cannot be used: a wrong password, missing rights, or a version before 7.0.',
    todo: 'Mend what the message names.',
  },
  ROOM_BAD_FRAME: {
    what: 'A frame on a room socket is not a JSON object with a type.',
    todo: 'Send text frames of one JSON object each; docs/wire.md lists them.',
  },
  ROOM_UNKNOWN_COMMAND: {
    what: 'A frame on a room socket has a type that neither Gale nor the application knows.',
    todo: 'Look for the command in docs/wire.md.',
  },
  ROOM_BAD_COMMAND: {
    what: 'A field of a command is missing or wrong.',
    todo: 'Send the field as the message says.',
  },
  ROOM_UNKNOWN: {
    what: 'There is no such room.',
    todo: 'Ask which rooms there are.',
  },
  ROOM_NOT_MEMBER: {
    what: 'The person is not a member of the room.',
    todo: 'Join the room first.',
  },
  ROOM_TOO_MANY: {
    what: 'A connection is subscribed to as many rooms as it may be.',
    todo: 'Unsubscribe from another room.',
  },
  ROOM_TOO_FAST: {
    what: 'A person, or all people in a room, sent more than a rate allows; nothing was done.',
    todo: 'Send the same again after `retryAfterMs`; gale/client does so by itself. The message names the options of Rooms that set the rate.',
  },
  ROOM_TOO_MANY_SOCKETS: {
    what: 'A person has as many open connections as a person may have.',
    todo: 'Close one and try again, or raise the option maxSocketsPerPerson.',
  },
  ROOM_FAILED: {
    what: 'A hook of the application failed while a command was carried out.',
    todo: 'Repeat with the same id; the server has logged why.',
  },
  ROOM_CONNECTION_LOST: {
    what: 'The connection ended before a command was answered.',
    todo: 'Repeat after the reconnect; publishes are repeated by themselves.',
  },
  ROOM_MESSAGE_TOO_BIG: {
    what: 'A message does not fit into one frame, so the client did not send it.',
    todo: 'Send it in parts.',
  },
  ROOM_DISCARDED: {
    what: 'A pending message was discarded by the client before it was known to be stored.',
    todo: 'Nothing; it may have been stored nevertheless.',
  },
} as const;

/** The name of a row of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

/** HTTP status of the response, for errors of a request. */
export const errorStatuses: { readonly [code in ErrorCode]?: number } = {
  HTTP_REQUEST_LINE: 400,
  HTTP_REQUEST_LINE_TOO_LONG: 414,
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
  HTTP_CLIENT_GONE: 400,
  HTTP_PROXY_HEADER: 400,
  WS_METHOD: 405,
  WS_HANDSHAKE: 400,
  WS_VERSION: 426,
  ROOM_UNAVAILABLE: 503,
  ROOM_PUBLISH_UNKNOWN: 409,
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

/** An error that Gale names: {@link GaleError.code} is a row of {@link errorTable}. */
export class GaleError extends Error {
  override readonly name: string = 'GaleError';
  /** Stable; documented in docs/reference/errors.md. */
  readonly code: ErrorCode;

  /**
   * @param code - The row.
   * @param message - What happened, with which value, against which limit, and the next step.
   */
  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
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

/** The peer broke a rule of HTTP or WebSocket; it is answered with `status` or closed with `closeCode`. */
export class ProtocolError extends GaleError {
  override readonly name: string = 'ProtocolError';
}
