/**
 * The form for a new invite.
 */
import { choiceField, Form, multipleChoiceField, type Field, type FormClass, type FormValues } from 'gale/forms';
import type { PageKey } from '../locale/pages/index.ts';
import type { InviteRole } from './invite.ts';
import { inviteLifetimes, maxInviteRooms, type InviteLifetime } from './invites.ts';

const key = (phrase: PageKey): PageKey => phrase;

type InviteFields = {
  readonly role: Field<InviteRole, InviteRole>;
  readonly lasts: Field<InviteLifetime, InviteLifetime>;
  readonly uses: Field<string, string>;
  readonly rooms: Field<readonly string[], readonly string[]>;
};

const lifetimeNames: Readonly<Record<InviteLifetime, PageKey>> = {
  hour: 'inviteHour',
  day: 'inviteDay',
  week: 'inviteWeek',
  month: 'inviteMonth',
  never: 'inviteNever',
};

/** The value for any number of uses. */
export const anyUses = 'any';

/** Choices of a new invite. The rooms are those of the chat. */
export const InviteForm: FormClass<InviteFields, FormValues<InviteFields>> = Form.of(
  {
    role: choiceField({
      label: key('inviteRole'),
      hint: key('roleGuestHint'),
      display: 'radio',
      choices: [
        ['member', key('roleMember')],
        ['guest', key('roleGuest')],
      ],
    }),
    lasts: choiceField({
      label: key('inviteLasts'),
      choices: (Object.keys(inviteLifetimes) as InviteLifetime[]).map((name) => [name, lifetimeNames[name]] as const),
    }),
    uses: choiceField<string>({
      label: key('inviteUses'),
      choices: [
        [anyUses, key('inviteUsesAny')],
        ...['1', '5', '10', '25', '50', '100'].map((count) => [count, count] as const),
      ],
    }),
    rooms: multipleChoiceField({
      label: key('inviteRooms'),
      hint: key('inviteRoomsHint'),
      // Replaced for each request.
      choices: ['lobby'],
      maxCount: maxInviteRooms,
      messages: { tooMany: key('inviteTooManyRooms') },
    }),
  },
  { summary: false },
) as FormClass<InviteFields, FormValues<InviteFields>>;
