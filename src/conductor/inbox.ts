import type { Clock } from '../shared/clock.ts';

/** What has been heard and not yet decided on, and a way to sleep until there is something. */
export interface Inbox<Message> {
  push(message: Message): void;
  /** Takes all messages, oldest first. */
  drain(): Message[];
  /** Ends the sleep without a message: something else has changed. */
  wake(): void;
  /** Sleeps until a message, a wake or the end of `ms`; not at all where one has come since the last drain. */
  sleep(ms: number): Promise<void>;
  /** Waits, at most for `ms`, for a message of which `isAwaited` is true; answers whether there is one. None is taken. */
  waitFor(isAwaited: (message: Message) => boolean, ms: number): Promise<boolean>;
}

/** Makes an empty inbox. Only one sleeper at a time. */
export function createInbox<Message>(clock: Clock): Inbox<Message> {
  let messages: Message[] = [];
  let woken = false;
  let sleeper: (() => void) | undefined;
  let waiter: ((message: Message) => void) | undefined;
  const wake = (): void => {
    woken = true;
    sleeper?.();
  };
  return {
    push(message) {
      messages.push(message);
      waiter?.(message);
      wake();
    },
    drain() {
      const drained = messages;
      messages = [];
      woken = false;
      return drained;
    },
    wake,
    sleep(ms) {
      if (woken) return Promise.resolve();
      return new Promise((resolve) => {
        const takeBack = clock.after(ms, () => sleeper?.());
        sleeper = () => {
          sleeper = undefined;
          takeBack();
          resolve();
        };
      });
    },
    waitFor(isAwaited, ms) {
      if (messages.some(isAwaited)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const finish = (hasCome: boolean): void => {
          waiter = undefined;
          takeBack();
          resolve(hasCome);
        };
        const takeBack = clock.after(ms, () => finish(false));
        waiter = (message) => {
          if (isAwaited(message)) finish(true);
        };
      });
    },
  };
}
