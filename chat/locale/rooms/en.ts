/**
 * What the dialogs of the rooms say in English. The page loads them with the dialogs, after everything else.
 */

/** English words by key. */
export const roomsEn = {
  // New room
  whoCanJoin: 'Who can join',
  publicRoom: 'Public',
  private: 'Private',
  publicHint: 'Everybody can find it and join.',
  privateHint: 'Only people who are added can see it.',
  topic: 'Topic',
  topicHint: 'What it is about. Up to {count} characters.',
  topicOptional: 'Topic (optional)',

  // People
  newDirectTitle: 'New message',
  startDirect: 'Open conversation',
  addPeopleTo: 'Add people to {room}',
  addChosen: { one: 'Add {count} person', other: 'Add {count} people' },
  choosePeople: 'Choose people',
  findPeople: 'Name, pinyin or initials',
  removeChosen: 'Remove {name}',
  noMorePeople: 'At most {count} people.',
  directLimit: 'Up to {count} people, you included. The same people always have the same conversation.',
  nobodyToAdd: 'There is nobody else to add.',
  selfNote: '{name} (you)',

  // Directory
  directoryTitle: 'Browse rooms',
  findRooms: 'Name or topic',
  noRooms: 'There is no public room yet.',
  noRoomsFound: 'No room matches.',
  members: { one: '{count} member', other: '{count} members' },
  active: 'Active {time}',
  neverActive: 'No messages yet',
  joinThis: 'Join',
  openThis: 'Open',
  moreRooms: 'Show more rooms',

  // Details
  detailsTitle: 'About {room}',
  detailsPublic: 'Public room',
  detailsPrivate: 'Private room',
  detailsLobby: 'Everybody is here',
  noTopic: 'No topic',
  save: 'Save',
  saved: 'Saved',
  archive: 'Archive',
  archiveHint: 'Everybody can read it, and nobody can write. It leaves the list of rooms.',
  unarchive: 'Open again',
  unarchiveHint: 'Archived: {date}.',
  deleteRoom: 'Delete room',
  deleteHint: 'Removes the room and all of its messages for everybody. Nobody can undo this.',
  deleteAsk: 'Delete {room} and all of its messages?',
  deleteNow: 'Delete for everybody',

  // One person
  owner: 'Owner',
  isHere: 'Here now',
  isAway: 'Not here',
  sendMessage: 'Send a message',
  makeOwner: 'Make owner',
  makeMember: 'Make member',
  removePerson: 'Remove from room',
  removeAsk: 'Remove {name} from {room}?',

  // Keyboard shortcuts
  keySend: 'Send the message',
  keyNewLine: 'New line',
  keyEditLast: 'Edit your last message (in an empty field)',
  keyMention: 'Mention a person',
  keyCancel: 'Cancel an edit or a reply; jump to the newest message',
  keySwitch: 'Go to a room or person',
  keyRooms: 'Previous or next room',
  keyUnread: 'Previous or next unread room',
  keyMessages: 'From message to message',
  keyShortcuts: 'This list',

  // Refusals
  refusedNotAllowed: 'Only owners of the room and administrators can do this.',
  refusedLastOwner: 'A room needs an owner. Make another member an owner first.',
  refusedGuestOwner: 'A guest cannot own a room. An administrator can make them a member first.',
  refusedPerson: 'This person no longer uses the chat.',
  refusedPersonFull: 'One of them is in too many rooms.',
  refusedDirectPeople: 'A conversation has at most 8 people. Make a private room instead.',
  refusedTopic: 'A topic has at most {count} visible characters.',
  makeRoom: 'Create room',
  roomName: 'Name of the room',
  roomNameHint: 'Up to {count} characters.',
} as const;
