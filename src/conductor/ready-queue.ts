/** Steps whose parents have finished, in the order in which they became ready. */
export interface ReadyQueue {
  readonly size: number;
  push(step: number): void;
  /**
   * Offers the first steps, oldest first, at most `bound` of them; those that `take` accepts leave the queue.
   * Ends early once `take` answers 'stop'.
   */
  offer(bound: number, take: (step: number) => 'taken' | 'left' | 'stop'): void;
  clear(): void;
}

/** Makes an empty queue. Pushing and taking from the front cost constant time, whatever waits behind. */
export function createReadyQueue(): ReadyQueue {
  let steps: number[] = [];
  let head = 0;
  return {
    get size() {
      return steps.length - head;
    },
    push(step) {
      steps.push(step);
    },
    offer(bound, take) {
      const left: number[] = [];
      const end = Math.min(steps.length, head + bound);
      let at = head;
      for (; at < end; at++) {
        const answer = take(steps[at]!);
        if (answer === 'stop') break;
        if (answer === 'left') left.push(steps[at]!);
      }
      // Those that were left move up against the part that was not offered.
      head = at - left.length;
      for (let index = 0; index < left.length; index++) steps[head + index] = left[index]!;
      if (head > 1024 && head * 2 > steps.length) {
        steps = steps.slice(head);
        head = 0;
      }
    },
    clear() {
      steps = [];
      head = 0;
    },
  };
}
