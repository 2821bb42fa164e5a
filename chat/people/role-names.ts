/** The names of roles on pages. */
import type { Role } from '../database/tables.ts';
import type { PageKey } from '../locale/pages/index.ts';

export const roleNames: Readonly<Record<Role, PageKey>> = {
  administrator: 'roleAdministrator',
  member: 'roleMember',
  guest: 'roleGuest',
};
