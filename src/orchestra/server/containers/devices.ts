/** How many GPUs of one kind a machine can have for its jobs. */
const GPUS = 16;

/** What jobs with a GPU see in /dev, beside what all see: of these, what the machine has. */
export const GPU_DEVICES: readonly string[] = [
  ...['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset', 'dri', 'kfd'],
  ...Array.from({ length: GPUS }, (_, number) => `nvidia${number}`),
];

/** What every job sees in /dev. */
export const DEVICES: readonly string[] = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
