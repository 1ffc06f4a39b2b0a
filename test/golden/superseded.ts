import type { GoldenScript } from './golden.test.ts';

/** What a script's text must be in place of the recorded one. */
type Better = (recorded: string) => string;

/** The recorded scripts of these studies carry surprises that this program does not repeat. */
const BETTER: Readonly<Record<string, Readonly<Record<string, Better>>>> = {
  '22_slurm_launchers': {
    // The bracket ends at the first `]`, and the rest of the line stays.
    'array/array.slurm.sh': (text) => text.replace('srun -n 2 -N 1}', 'srun -n 2 -N 1 ./x ${a[0]}'),
    // Bare and bracketed launchers mix.
    'mixed/mixed.slurm.sh': (text) => text.replace('$(LAUNCHER) two', 'srun -n 4 -N 2 two'),
    'legacy/legacy.slurm.sh': (text) => text.replace('-n  4', '-n 4'),
  },
  // Outputs have the sanitised name, as the scripts have.
  '23_slurm_params': every(
    [
      'scale/NN.1.PP.8.WT.001000/scale_NN.1.PP.8.WT.001000.slurm.sh',
      'scale/NN.2.PP.16.WT.10000/scale_NN.2.PP.16.WT.10000.slurm.sh',
    ],
    (text) => text.replace(/(?<=--(?:output|error)=").*(?=")/g, (file) => file.replaceAll(':', '')),
  ),
  // `shell` counts for lsf too.
  '24_lsf': every(
    ['frac/frac', 'hm/hm', 'hm/hm.restart', 'localone/localone', 'minutesstr/minutesstr', 'nowall/nowall']
      .concat(['round/round', 'three/three'])
      .map((script) => `${script}.lsf.sh`),
    (text) => text.replace('#!/bin/bash', '#!/bin/tcsh'),
  ),
  '26_flux_STUB': {
    ...every(
      ['localf/localf', 'plain/plain', 'rich/rich', 'rich/rich.restart', 'wt_inf/wt_inf'].map(
        (script) => `${script}.flux.sh`,
      ),
      withoutVersions,
    ),
  },
};

function every(files: readonly string[], better: Better): Record<string, Better> {
  return Object.fromEntries(files.map((file) => [file, better]));
}

/** No Flux is asked for its version when scripts are written. */
function withoutVersions(text: string): string {
  return text.replace(/^#INFO \(flux (?:adapter )?version\) .*\n/gm, '');
}

/** The scripts that must come out: the recorded ones, but for those that are superseded on purpose. */
export function superseded(
  study: string,
  recorded: Readonly<Record<string, GoldenScript>>,
): Record<string, GoldenScript> {
  const scripts = { ...recorded };
  for (const [file, better] of Object.entries(BETTER[study] ?? {})) {
    const script = recorded[file];
    if (script === undefined) throw new Error(`${study} has no ${file}`);
    const text = better(script.text);
    if (text === script.text) throw new Error(`nothing of ${study}/${file} is superseded`);
    scripts[file] = { ...script, text };
  }
  if (study === '26_flux_STUB') {
    // A restart script begins as the main one does.
    const main = scripts['localf/localf.flux.sh']!;
    scripts['localf/localf.restart.flux.sh'] = { ...main, text: main.text.replace('echo l\n', 'echo rr\n') };
  }
  return scripts;
}
