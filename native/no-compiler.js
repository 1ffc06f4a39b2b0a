// The second half of `npm install`'s script, reached where runner.c could not be compiled: not an error.
import { stdout } from 'node:process';

stdout.write(
  'maestro: the step runner was not compiled; bash will start the steps (native/runner.sh), a little slower\n',
);
