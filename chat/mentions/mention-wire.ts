/**
 * Mentions on the wire: their form in the text of a message, commands and events. The server and the page share this file.
 * Decision 36 says why a mention is text with an id.
 */
import type { Person } from 'gale/client';
import type { Role } from '../database/tables.ts';

/** A mention in a text, such as `<@a1B2c3>`. Group 1 is the id of a person, or `mentionsAll`. For the inside of a regular expression. */
export const mentionPattern = '<@([A-Za-z0-9_-]{1,64})>';

/** @returns The text of a mention. */
export function mentionText(id: string): string {
  return `<@${id}>`;
}

/** Names of everybody that people type. */
export const everybodyNames: readonly string[] = ['all', '所有人'];

/** Most different people that a message mentions. */
export const maxMentions = 50;
/** In a room of more people, only owners and administrators mention everybody. */
export const maxPeopleForAll = 50;
/** People in the result of a search. */
export const foundPeopleCount = 20;
/** Longest text of a search, in UTF-16 units. Longer text is cut. */
export const maxSearchTextUnits = 100;
/** Most people that one command describes. */
export const maxDescribed = 100;
/** Mentions in one page of the list. */
export const mentionsPageCount = 30;
/** Most unread mentions of one room that the welcome has. */
export const maxUnreadMentions = 100;

/** A person as the page shows them. */
export interface WirePerson extends Person {
  readonly role: Role;
  /** Distinguishes the person from another one whose name looks alike, such as `#7k2m`. */
  readonly handle?: string;
  /** Hash of the picture, for `/people/ID/picture/HASH`. Missing without one. */
  readonly picture?: string;
  /** The person deleted the account; the name is empty. */
  readonly deleted?: true;
}

/** A person of a search. */
export interface FoundPerson extends WirePerson {
  /** Whether the person is in the room of the search. Others are not notified of a mention there. */
  readonly member: boolean;
}

/** A message that mentions this person. */
export interface WireMention {
  readonly room: string;
  readonly seq: number;
  readonly author: Person;
  /** When it was sent, in milliseconds since 1970. */
  readonly time: number;
  /** The first 300 code points. */
  readonly text: string;
  /** Whether this person has not read it. */
  readonly unread: boolean;
}

/** Where a page of mentions begins: after this one. */
export type MentionPlace = Pick<WireMention, 'time' | 'room' | 'seq'>;

/** Fields of each command of mentions and of its reply, without `type` and `ref`. */
export interface MentionCommands {
  /**
   * People by a part of the name, by pinyin or initials, those of the room first; `outside` finds only people who are not members of
   * that room. Without a text: the first by name, with a room the first of its members.
   */
  readonly 'find-people': {
    readonly fields: { readonly text: string; readonly room?: string; readonly outside?: string };
    readonly reply: {
      readonly people: readonly FoundPerson[];
      /** Without a text: the number of members of the room. */
      readonly count?: number;
    };
  };
  /** The people with these ids, without those that do not exist or that this person may not see. */
  readonly 'describe-people': {
    readonly fields: { readonly ids: readonly string[] };
    readonly reply: { readonly people: readonly WirePerson[] };
  };
  /** Messages that mention this person, newest first. */
  readonly 'list-mentions': {
    readonly fields: { readonly after?: MentionPlace };
    readonly reply: { readonly mentions: readonly WireMention[]; readonly next: MentionPlace | null };
  };
}

/** A person has another name or role, or left the chat. The page asks again for people whom it shows. */
export interface PersonChangedFrame {
  readonly type: 'person-changed';
  readonly person: string;
}
