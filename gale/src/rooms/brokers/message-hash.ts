/**
 * Hashes of message ids, so that a remembered id needs few bytes, whatever its length.
 */
import { hash } from 'node:crypto';
import type { Entry, Person } from '../stream.ts';

/** 72 bits as 12 characters of base64url: the same for the same author and id. */
export function toHashText({ id, author }: Pick<Entry, 'id'> & { readonly author: Pick<Person, 'id'> }): string {
  return hash('sha256', exactly(author.id, id), 'base64url').slice(0, 12);
}

/** 52 bits as an integer: the same for the same author and id. */
export function toHashNumber(authorId: string, id: string): number {
  return Number.parseInt(hash('sha256', exactly(authorId, id), 'hex').slice(0, 13), 16);
}

/** Joins two texts without ambiguity: no other two texts give the same result. */
export function exactly(authorId: string, id: string): string {
  return `${authorId.length}:${authorId}${id}`;
}
