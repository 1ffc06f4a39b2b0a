import type { Exit } from '../../src/shared/state/transition.ts';
import type { Behaviour } from './behaviour.ts';
import type { Host, SimulatedProcess } from './host.ts';

const SIGNAL_NUMBERS = { SIGTERM: 15, SIGKILL: 9 } as const;

/** A step's processes on a host: the leader, and perhaps one that it leaves in its group. */
export class LocalStep {
  readonly leader: SimulatedProcess;
  /** How the leader ended; undefined while it lives. */
  exit: Exit | undefined;
  /** Whether somebody asked it to end. */
  wasTold = false;
  private readonly host: Host;
  private readonly onChange: () => void;

  /** Starts it. `onChange` is called after each of its processes has ended. */
  constructor(host: Host, attempt: string, behaviour: Behaviour, onChange: () => void) {
    this.host = host;
    this.onChange = onChange;
    const { runsMs, exit, heedsTermAfterMs, childOutlivesMs } = behaviour;
    const endLeader = (how: Exit): void => this.end(this.leader, how);
    this.leader = host.start({
      attempt,
      signal: (signal) => {
        this.wasTold = true;
        if (signal === 'SIGKILL') endLeader({ signal: SIGNAL_NUMBERS.SIGKILL });
        else if (heedsTermAfterMs !== undefined) {
          host.after(heedsTermAfterMs, () => endLeader({ signal: SIGNAL_NUMBERS.SIGTERM }));
        }
      },
    });
    host.after(runsMs, () => endLeader(exit));
    if (childOutlivesMs > 0) this.startChild(attempt, runsMs + childOutlivesMs, childOutlivesMs);
  }

  get hasGroup(): boolean {
    return this.host.hasGroup(this.leader.pid);
  }

  private startChild(attempt: string, runsMs: number, heedsTermAfterMs: number): void {
    const { host, leader } = this;
    const child = host.start({
      attempt,
      group: leader.pid,
      signal: (signal) => {
        if (signal === 'SIGKILL') this.end(child);
        else host.after(heedsTermAfterMs, () => this.end(child));
      },
    });
    host.after(runsMs, () => this.end(child));
  }

  private end(process: SimulatedProcess, exit?: Exit): void {
    if (!this.host.has(process)) return;
    if (process === this.leader) this.exit = exit;
    this.host.end(process);
    this.onChange();
  }
}
