/**
 * Everything the chat says, in English. The keys here are the keys of every language.
 * `{name}` is filled in; a text that counts has its plural forms.
 */

/** English words by key. */
export const en = {
  product: 'Gale',
  tagline: 'Talk together. Nothing gets lost.',
  noScript: 'The chat room needs JavaScript. Please switch it on and load the page again.',
  language: 'Language',

  // Forms
  logIn: 'Log in',
  logInTitle: 'Welcome back',
  register: 'Create account',
  registerTitle: 'Create your account',
  name: 'Name',
  nameHint: 'Everybody sees it. Up to 32 characters, any language.',
  password: 'Password',
  passwordHint: 'At least 8 characters.',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  newHere: 'New here?',
  haveAccount: 'Already have an account?',
  nameEmpty: 'Please choose a name.',
  nameTooLong: 'This name is too long; 32 characters are the most.',
  nameCharacters: 'This name has characters that cannot be seen. Please leave them out.',
  nameTaken: 'Somebody else has this name. Please choose another.',
  passwordTooShort: 'This password is too short; it takes at least 8 characters.',
  passwordTooLong: 'This password is too long; 256 characters are the most.',
  loginWrong: 'The name or the password is wrong.',
  tooManyTries: {
    one: 'Too many tries. Please wait {seconds} second.',
    other: 'Too many tries. Please wait {seconds} seconds.',
  },
  tooManyTriesMinutes: {
    one: 'Too many tries. Please try again in about {minutes} minute.',
    other: 'Too many tries. Please try again in about {minutes} minutes.',
  },
  cannotSave: 'Nothing can be saved just now. Please try again in a few minutes.',
  sessionEnded: 'You have been signed out. Please log in again.',
  xsrfFailed: 'This form was open for too long. Please send it again.',

  // Error page
  errorTitle: 'Something went wrong',
  error400: 'The server could not understand this request.',
  error403: 'You are not allowed to do this.',
  error404: 'There is nothing at this address.',
  error413: 'That is more than the server accepts.',
  error429: 'That was too much at once. Please wait a little.',
  error500: 'The server made a mistake. It has been written down; please try again.',
  error503: 'The server cannot answer just now. Please try again in a moment.',
  backToChat: 'Back to the chat',

  // Rooms
  rooms: 'Rooms',
  yourRooms: 'Your rooms',
  otherRooms: 'Rooms to join',
  lobby: 'Lobby',
  newRoom: 'New room',
  roomName: 'Name of the room',
  roomNameHint: 'Up to {count} characters. Everybody can find it and join.',
  makeRoom: 'Create room',
  cancel: 'Cancel',
  close: 'Close',
  join: 'Join',
  joinRoom: 'Join {room}',
  leaveRoom: 'Leave room',
  roomMenu: 'More about this room',
  backToRooms: 'Back to the rooms',
  unreadCount: { one: '{count} unread message', other: '{count} unread messages' },
  draft: 'Draft',
  unsent: 'Not sent',
  notJoined: 'You are not in this room',
  notJoinedHint: 'Join to read and write here.',
  unknownRoom: 'There is no such room',
  unknownRoomHint: 'It may have another address now. Pick one from the list.',
  chooseRoom: 'Choose a room',
  loading: 'Loading…',
  roomFailed: 'That did not work. Please try again.',
  roomOffline: 'There is no connection just now. Please try again in a moment.',
  roomNameWrong: 'A room needs a name of 1 to {count} visible characters.',
  roomNameTaken: 'There is a room of this name already.',
  roomsTooFast: 'You have made many rooms in the last hour. Please make the next one later.',
  roomsFull: 'There are as many rooms as there can be. Please use one of them.',

  // Messages
  messagesIn: 'Messages in {room}',
  emptyRoom: 'It is quiet here',
  emptyRoomHint: 'Write the first message. Whoever is away will find it later.',
  unread: 'Unread',
  dropped: { one: '{count} earlier message is no longer kept', other: '{count} earlier messages are no longer kept' },
  historyStart: 'Older messages are no longer kept',
  today: 'Today',
  yesterday: 'Yesterday',
  you: 'You',
  sending: 'Sending…',
  waiting: 'Waiting for the connection…',
  sent: 'Sent',
  failed: 'Not sent',
  failedBecause: 'Not sent. {reason}',
  retry: 'Try again',
  discard: 'Discard',
  jumpToNewest: 'Jump to newest',
  jumpToUnread: { one: 'Jump to newest, {count} unread message', other: 'Jump to newest, {count} unread messages' },
  cameIn: { one: '{names} came in', other: '{names} came in' },
  wentAway: { one: '{names} left', other: '{names} left' },
  andOthers: { one: '{count} other', other: '{count} others' },
  announceMessage: '{name}: {text}',
  announceMore: { one: '{count} more new message', other: '{count} more new messages' },

  // Composer
  writeTo: 'Message to {room}',
  messageField: 'Message',
  send: 'Send',
  skipToComposer: 'Skip to the message field',
  charactersLeft: { one: '{count} character left', other: '{count} characters left' },
  tooLong: {
    one: 'Too long by {count} character. Please send it in parts.',
    other: 'Too long by {count} characters. Please send it in parts.',
  },
  tooManyBytes: 'Too long: {kilobytes} KB of at most {limit} KB. Please send it in parts.',
  nothingToSend: 'There is nothing to read in this message.',

  // Why a message was refused
  refusedTooLong: 'It is too long.',
  refusedEmpty: 'There is nothing to read in it.',
  refusedCharacters: 'It has characters that cannot be sent.',
  refusedNotMember: 'You are no longer in this room.',
  refusedNoRoom: 'This room is gone.',
  refusedOther: 'The server refused it ({code}).',

  // People
  hereCount: { one: '{count} here', other: '{count} here' },
  peopleHere: 'People here',
  showMorePeople: 'Show more',
  loadingPeople: 'Loading names…',
  peopleFailed: 'The names could not be loaded.',
  nobodyHere: 'Nobody is here just now.',

  // Connection
  reconnecting: 'Reconnecting… Messages will be sent when the line is back.',
  tryNow: 'Try now',

  // Account
  yourMenu: 'Your menu, {name}',
  logOut: 'Log out',
} as const;
