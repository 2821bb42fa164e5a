/** A command that the person gives with a button: it runs once at a time, and its error is shown. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RoomError } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { isOffline } from '../state/refusal.ts';

/** The command of one button. */
export interface Request {
  /** For `aria-busy` of the button. */
  readonly isBusy: boolean;
  /** Why the last run failed. */
  readonly error: RoomError | undefined;
  /** Runs an action. @returns How it ended; undefined if another one is running, or after {@link forget}. */
  readonly run: (action: () => Promise<void>) => Promise<'done' | 'failed' | undefined>;
  /** Forgets the error, and ignores the result of a running action. */
  readonly forget: () => void;
}

/** The request of a component. An error that says that there is no connection is forgotten when the connection is back. */
export function useRequest(chat: Chat): Request {
  const running = useRef<object>(undefined);
  const [state, setState] = useState<Pick<Request, 'isBusy' | 'error'>>({ isBusy: false, error: undefined });
  const isWithoutConnection = isOffline(state.error?.code);
  useEffect(() => {
    if (!isWithoutConnection) return;
    return chat.store.listen(() => {
      if (chat.store.value.connection.state === 'open') setState(({ isBusy }) => ({ isBusy, error: undefined }));
    });
  }, [isWithoutConnection]);
  return {
    ...state,
    run: async (action) => {
      if (running.current) return undefined;
      const self = (running.current = {});
      setState({ isBusy: true, error: undefined });
      const error = await action().then(
        () => undefined,
        (thrown: RoomError) => thrown,
      );
      if (running.current !== self) return undefined;
      running.current = undefined;
      setState({ isBusy: false, error });
      return error ? 'failed' : 'done';
    },
    forget: () => {
      running.current = undefined;
      setState({ isBusy: false, error: undefined });
    },
  };
}
