import { createStudyDirectory } from '../src/shared/prepare/directory.ts';
import { checkStudy } from '../src/shared/prepare/prepare.ts';

// All that `maestro run` does before it starts a conductor, and nothing else:
//
//     node --import tsx bench/make-study.ts SPECIFICATION STUDY_DIRECTORY

const [specificationFile = '', out = ''] = process.argv.slice(2);
const { checked, diagnostics } = await checkStudy({
  specificationFile,
  out,
  generatorArgs: [],
  hashWorkspaces: false,
  useTmp: false,
  limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
  dry: false,
  cwd: process.cwd(),
  now: new Date(),
});
if (checked === undefined) throw new Error(JSON.stringify(diagnostics.slice(0, 3)));
await createStudyDirectory(checked);
console.log(checked.expansion.count);
