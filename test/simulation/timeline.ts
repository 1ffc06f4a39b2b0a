/** A thing that happens at a time; of several at one time the first to be planned happens first. */
interface Planned {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
  isTakenBack: boolean;
}

/** More happenings than this without the time moving on: something keeps itself awake. */
const STANDSTILL = 20_000;

/**
 * The true time of a simulation, in milliseconds, and all that is yet to happen in it. Nobody in the simulation
 * sees this time: what clocks show is theirs.
 */
export class Timeline {
  now: number;
  /** How many things have happened. */
  happened = 0;
  private readonly heap: Planned[] = [];
  private order = 0;
  private standing = 0;
  private mustSettle = false;

  constructor(start: number) {
    this.now = start;
  }

  /** Plans something `ms` from now; the function that it returns takes it back. */
  after(ms: number, happen: () => void): () => void {
    const planned: Planned = {
      at: this.now + Math.max(0, ms),
      order: this.order++,
      happen,
      isTakenBack: false,
    };
    this.push(planned);
    return () => {
      planned.isTakenBack = true;
    };
  }

  /** Program code has run that may have promises to keep before anything else happens. */
  touch(): void {
    this.mustSettle = true;
  }

  /** Lets things happen until `isOver` says so, `until` has come, or nothing more is planned. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const next = this.pop();
      if (next === undefined || next.at > until) return;
      if (next.isTakenBack) continue;
      this.standing = next.at > this.now ? 0 : this.standing + 1;
      if (this.standing > STANDSTILL) throw new Error('time stands still: something keeps itself awake');
      this.now = next.at;
      this.happened++;
      next.happen();
      if (!this.mustSettle) continue;
      this.mustSettle = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private push(planned: Planned): void {
    const { heap } = this;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, planned)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  private pop(): Planned | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
