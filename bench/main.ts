import { run } from './claim.ts';
import { dryRun } from './dry-run.ts';
import { expansion } from './expansion.ts';
import { history } from './history.ts';
import { latency } from './latency.ts';
import { localThroughput } from './local-throughput.ts';
import { orchestraIdle } from './orchestra-idle.ts';
import { orchestraJobs } from './orchestra-jobs.ts';
import { orchestraRequests } from './orchestra-requests.ts';
import { orchestraUpload } from './orchestra-upload.ts';
import { recovery } from './recovery.ts';
import { schedulersArrays } from './schedulers-arrays.ts';
import { schedulersFlux } from './schedulers-flux.ts';
import { schedulersIdle } from './schedulers-idle.ts';
import { schedulersPoll } from './schedulers-poll.ts';
import { schedulersSingly } from './schedulers-singly.ts';
import { startUp } from './start-up.ts';
import { status } from './status.ts';
import { waiting } from './waiting.ts';

// `npm run bench`: every limit that the project sets itself, in one table. Exit 1 if one is missed.
const benches = [
  localThroughput,
  dryRun,
  expansion,
  status,
  startUp,
  latency,
  waiting,
  recovery,
  history,
  schedulersArrays,
  schedulersSingly,
  schedulersPoll,
  schedulersIdle,
  schedulersFlux,
  orchestraIdle,
  orchestraJobs,
  orchestraRequests,
  orchestraUpload,
];
process.exitCode = (await run(benches)) ? 0 : 1;
