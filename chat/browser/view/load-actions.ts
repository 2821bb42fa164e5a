/** The actions on messages, which are loaded when the person first moves over one, touches one or focuses one. */
import { LazyPart } from './lazy-part.ts';

/** The actions. */
export const actionsPart: LazyPart<typeof import('./actions/message-actions.tsx')> = new LazyPart(
  () => import('./actions/message-actions.tsx'),
);
