/** A bug to be planted: a text of one file, which must stand there once, and what takes its place. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly instead: string;
  /** How many runs may be needed to meet it; 2,000 if absent. */
  readonly runs?: number;
}

/** The bugs that the simulation is known to catch. docs/testing.md lists them by their names. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'steps are launched before their attempts are recorded',
    file: 'src/conductor/loop.ts',
    text: '    const trouble = await this.record(decided);\n',
    instead:
      '    if (launches.length > 0) this.ports.scheduler.launch(launches.splice(0));\n    const trouble = await this.record(decided);\n',
  },
  {
    name: 'a conductor whose lease is gone goes on writing',
    file: 'src/shared/state/journal.ts',
    text: "'UPDATE lease SET heartbeat = ? WHERE id = 1 AND epoch = ? AND released_at IS NULL',",
    instead: "'UPDATE lease SET heartbeat = ? WHERE id = 1 AND epoch <= ? + 9',",
  },
  {
    name: 'a live conductor of this host is taken for dead',
    file: 'src/shared/state/lease.ts',
    text: "return from.isAlive(lease.process) ? 'live' : 'stale';",
    instead: "return now - lease.heartbeat < LEASE_TTL_MS ? 'live' : 'stale';",
  },
  {
    name: 'what a live runner still has is taken for lost',
    file: 'src/conductor/local/recover.ts',
    text: "  if (runners.some(({ life }) => life === 'alive')) return { kind: 'followed' };\n",
    instead: '',
  },
  {
    name: 'the process table is not asked',
    file: 'src/conductor/local/recover.ts',
    text: '  const pid = witnesses.stepOf(attempt);',
    instead: '  const pid = undefined;',
  },
  {
    name: 'output files do not count as a trace',
    file: 'src/conductor/local/recover.ts',
    text: ' || witnesses.hasOutput(attempt);',
    instead: ';',
  },
  {
    name: 'a step that left something behind is taken for running',
    file: 'src/conductor/stock.ts',
    text: '?.find(processes.leadsGroup)',
    instead: '?.[0]',
    runs: 10_000,
  },
  {
    name: 'a runner counts only once it has recorded itself',
    file: 'src/conductor/local/runner-traces.ts',
    text: '[...new Set([...listed, ...living.keys()])]',
    instead: '[...new Set(listed)]',
    runs: 10_000,
  },
  {
    name: 'the last line of records counts though it is torn',
    file: 'src/conductor/runner/records.ts',
    text: '  const length = bytes.lastIndexOf(NEWLINE) + 1;',
    instead: '  const length = bytes.length;',
    runs: 10_000,
  },
  {
    name: 'an observation counts for whatever attempt is in flight',
    file: 'src/conductor/settle.ts',
    text: 'if (flight === undefined || flight.number !== observation.number) return [];',
    instead:
      'if (flight === undefined) return [];\n  observation = { ...observation, number: flight.number };',
  },
  {
    name: 'an attempt whose end nobody knows is tried again',
    file: 'src/conductor/settle.ts',
    text: "  const to = circumstances.cancelling ? 'CANCELLED' : 'FAILED';",
    instead:
      "  const to = circumstances.cancelling ? 'CANCELLED' : 'INITIALIZED';\n  circumstances = { ...circumstances };",
  },
  {
    name: 'descendants of a failed step are left alone',
    file: 'src/conductor/aftermath.ts',
    text: '  return doomed;',
    instead: '  return [];',
  },
  {
    name: 'a step is ready though a parent has not finished',
    file: 'src/conductor/model.ts',
    text: "    return this.unmet[step] === 0 && this.stateOf(step) === 'INITIALIZED' && !this.delayed.has(step);",
    instead: "    return this.unmet[step]! <= 1 && this.stateOf(step) === 'INITIALIZED';",
  },
  {
    name: 'the throttle forgets what is in flight',
    file: 'src/conductor/dispatch.ts',
    text: 'Math.min(TURN_BOUND, throttle - model.flights.size)',
    instead: 'Math.min(TURN_BOUND, throttle)',
  },
  {
    name: 'a failed step is tried once too often',
    file: 'src/conductor/aftermath.ts',
    text: '  if (cancelling || tried >= attempts || !isTriedAgain(retry, from, exit)) return undefined;',
    instead: '  if (cancelling || tried > attempts || !isTriedAgain(retry, from, exit)) return undefined;',
  },
  {
    name: 'what the disk refuses to record is acted on',
    file: 'src/conductor/through-outage.ts',
    text: '      if (!isOutage(error)) throw error;\n',
    instead: '      if (!isOutage(error)) throw error;\n      return undefined;\n',
  },
  {
    name: 'a submission without an answer is made again at once',
    file: 'src/conductor/schedulers/submission-search.ts',
    text: '    this.answer(sought, (_index, token) => files.revoke(token));',
    instead: '    this.answer(sought, (_index, token) => files.claimant(token));',
  },
  {
    name: 'what a stopped conductor may yet submit is not revoked',
    file: 'src/conductor/schedulers/submission-search.ts',
    text: '      const job = this.ports.files.revoke(token);',
    instead: '      const job = this.ports.files.claimant(token);',
    runs: 10_000,
  },
  {
    name: 'a job that stands back is taken for the attempt',
    file: 'src/conductor/schedulers/job-watch.ts',
    text: '    const owner = files.claimant(token) ?? files.revoke(token);',
    instead:
      '    this.concludeAs(watched, report);\n    if (this.jobs.size >= 0) return;\n    const owner = files.claimant(token);',
  },
  {
    name: 'jobs are watched by ids that a scheduler gives twice',
    file: 'src/conductor/schedulers/job-watch.ts',
    text: '    this.jobs.set(known, {',
    instead:
      '    for (const [other, watched] of this.jobs) if (watched.job === job) this.jobs.delete(other);\n    this.jobs.set(known, {',
    runs: 10_000,
  },
  {
    name: 'a job that the queue omits once is gone',
    file: 'src/conductor/schedulers/job-watch.ts',
    text: 'if (!isGone && (looks < MISSING_PATIENCE.looks || elapsed - since < MISSING_PATIENCE.ms)) return;',
    instead: 'if (!isGone && looks < 1) return;',
  },
  {
    name: 'requests are removed as they are read',
    file: 'src/conductor/control-watch.ts',
    text: "        trouble = '';\n",
    instead: "        trouble = '';\n        taken.forget();\n",
  },
  {
    name: 'the end is recorded before status.csv is written',
    file: 'src/conductor/loop.ts',
    text: '      (await this.finishExport()) ??\n      (await this.recorder.record({ transitions: [], notes: [], ended: { outcome, at } }));',
    instead:
      '      (await this.recorder.record({ transitions: [], notes: [], ended: { outcome, at } })) ??\n      (await this.finishExport());',
  },
  {
    name: 'a cancel ends nothing that runs',
    file: 'src/conductor/loop.ts',
    text: '      this.ports.scheduler.cancel([...this.study.model.flights.values()].map(keyOf));',
    instead: '      this.ports.scheduler.cancel([]);',
  },
  {
    name: 'a conductor that comes later forgets how long steps are to wait',
    file: 'src/conductor/stored-model.ts',
    text: 'not_before AS notBefore',
    instead: 'NULL AS notBefore',
  },
  {
    name: 'a step is tried again after ends that it does not name',
    file: 'src/shared/retry-policy.ts',
    text: '  if (ends.includes(state)) return true;',
    instead: "  if (ends.includes(state) || state === 'TIMEDOUT') return true;",
  },
  {
    name: 'a request is not on record before it is removed',
    file: 'src/conductor/answered-requests.ts',
    text: "kind !== 'cancel' && kind !== 'update' && kind !== 'garbage';",
    instead: "kind === 'retry' && kind !== 'retry';",
  },
  {
    name: 'a finished step is set back under a child that reads it',
    file: 'src/conductor/repair.ts',
    text: '    if (isInFlight(model.stateOf(step))) {',
    instead: '    if (descendants && isInFlight(model.stateOf(step))) {',
  },
  {
    name: 'a step that was cancelled by request is tried again',
    file: 'src/conductor/loop.ts',
    text: 'const cancelling = this.cancelling || this.doomed.has(observation.step);',
    instead: 'const cancelling = this.cancelling;',
  },
  {
    name: 'what was cancelled by request is forgotten with its conductor',
    file: 'src/shared/state/journal.ts',
    text: '    for (const step of turn.doomed ?? []) doom.run(step);\n',
    instead: '',
  },
  {
    name: 'a paused study goes on under the next conductor',
    file: 'src/conductor/loop.ts',
    text: '    this.paused = study.isPaused;',
    instead: '    this.paused = false;',
  },
  {
    name: 'a step that failed for good leaves no event',
    file: 'src/shared/state/journal.ts',
    text: '      addEvent.run(at, step, from, to, why);',
    instead: "      if (from !== 'TIMEDOUT') addEvent.run(at, step, from, to, why);",
  },
  {
    name: 'a gpu that an earlier conductor gave out is free',
    file: 'src/conductor/stock.ts',
    text: "gpus === '' ? [] : gpus.split(',').map(Number)",
    instead: "gpus === '' || gpus !== '' ? [] : [0]",
    runs: 10_000,
  },
];
