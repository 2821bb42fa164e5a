/** Limits of changes of messages. */

/** Most kinds of reactions to one message. */
export const maxReactionKinds = 20;
/** Most reactions of all people to one message. */
export const maxReactions = 500;
/** Most pinned messages of a room. */
export const maxPins = 50;
/** How long a change waits for a message that is not in the table yet, in milliseconds. */
export const maxWaitMs = 2000;
/** Most messages of one `get-messages`. */
export const maxExcerpts = 20;
/** Most code points of the text of an excerpt. */
export const excerptCodePoints = 300;
