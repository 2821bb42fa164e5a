/**
 * What the page knows about its person from the welcome. Other people are in session/people-names.ts.
 */
import type { WireChoices, WireMe } from '../../wire.ts';
import type { ChatState } from './chat-state.ts';

/** Before the welcome. */
export const defaultChoices: WireChoices = {
  language: null,
  theme: 'system',
  timeZone: null,
  sendKey: 'enter',
  roomOrder: 'activity',
};

/** Applies a welcome. */
export function applyMe(state: ChatState, { id, name, role, choices }: WireMe): ChatState {
  return { ...state, me: { id, name }, role, choices };
}
