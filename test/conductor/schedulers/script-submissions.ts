import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobScript, submissionFile } from '../../../src/conductor/schedulers/job-script.ts';
import type { Submission } from '../../../src/conductor/schedulers/scheduler.ts';
import type { Behaviour, Wish } from './contract.ts';

/** Makes submissions of real scripts below a directory, as the conductor would, for schedulers that run them. */
export class ScriptSubmissions {
  private readonly directory: string;
  private readonly header: (wish: Wish, members: number) => readonly string[];
  private made = 0;

  constructor(directory: string, header: (wish: Wish, members: number) => readonly string[]) {
    this.directory = directory;
    this.header = header;
  }

  make(behaviours: readonly Behaviour[], wish: Wish = {}): Submission {
    const number = ++this.made;
    const id = `maestro-contract-${process.pid}-${number}`;
    // Names as users give them, which every scheduler must survive.
    const records = join(this.directory, "it's a “study”", String(number));
    mkdirSync(records, { recursive: true });
    const members = behaviours.map((behaviour, index) => {
      const workspace = join(records, `member ${index}`);
      mkdirSync(workspace);
      const script = join(workspace, 'run it.sh');
      writeFileSync(script, `#!/bin/sh\n${commandOf(behaviour, goSign(records))}\n`, { mode: 0o755 });
      return { token: `${id}-${index}`, name: `contract_${number}`, workspace, script };
    });
    const header = this.header(wish, members.length);
    const file = submissionFile(records, id);
    writeFileSync(file, jobScript({ id, records, header, members }), { mode: 0o755 });
    return { id, file, directory: records, members, allocation: wish.allocation ?? {} };
  }

  /** Lets those go that stay. */
  release(submission: Submission): void {
    writeFileSync(goSign(submission.directory), '');
  }
}

function goSign(records: string): string {
  return join(records, 'go');
}

function commandOf(behaviour: Behaviour, go: string): string {
  switch (behaviour.kind) {
    case 'exits':
      return `exit ${behaviour.code}`;
    case 'signalled':
      return `kill -${behaviour.signal} $$`;
    case 'killed':
      return 'kill -KILL $PPID $$';
    case 'prints':
      return `${behaviour.command} >printed`;
    case 'stays':
      // Ends with its files too, should a scheduler leave it behind.
      return `while [ -e "$0" ] && [ ! -e "${go}" ]; do sleep 0.1; done`;
  }
}
