/**
 * Limits of rooms and members. docs/guide/limits.md lists them. Every window subscribes to all rooms of its person, so the number of rooms
 * of a person is limited below `maxSubscriptionsPerConnection` of `Rooms`.
 */

/** Most rooms of all kinds that a person can be in by their own actions. */
export const maxRoomsOfPerson = 500;
/** Most rooms of all kinds that others can add a person to. */
export const maxRoomsWithAdded = 900;
/** Most members of a room that is not the lobby. */
export const maxMembers = 10_000;
/** Most people in a direct conversation, its maker included. */
export const maxDirectPeople = 8;
/** Most direct conversations that one person can open in an hour. */
export const maxDirectPerHour = 60;
/** Most people that one command adds. */
export const maxAddedAtOnce = 50;
/** Longest topic, in code points. */
export const maxTopicCodePoints = 200;
/** Rooms in one page of the directory. */
export const directoryPageCount = 30;
/** Members in one page. */
export const membersPageCount = 100;
/** Longest search text, in UTF-16 units. Longer text is cut. */
export const maxQueryUnits = 100;
/** Rows of a deleted room that one step removes. */
export const removedAtOnce = 500;
