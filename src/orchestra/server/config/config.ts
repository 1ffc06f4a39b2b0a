import Type, { type Static } from 'typebox';

const Runtime = Type.Enum(['auto', 'podman', 'docker', 'apptainer', 'charliecloud', 'bwrap', 'none'], {
  description: 'What runs containers; auto takes the fastest that works here. none isolates nothing.',
});

const Queue = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$', description: 'What users call it.' }),
    slots: Type.Integer({ minimum: 1, description: 'Jobs that run at once.' }),
    batch: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Where jobs run: a batch block as studies have it. Default is this machine.',
      }),
    ),
    runtime: Type.Optional(Runtime),
    network: Type.Optional(Type.Boolean({ description: 'Whether jobs may use the network. Default false.' })),
    memory: Type.Optional(Type.Integer({ minimum: 16, description: 'MiB that a job may use.' })),
    processes: Type.Optional(Type.Integer({ minimum: 1, description: 'Processes that a job may have.' })),
    walltime: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Minutes that a job may take.' }),
    ),
    gpus: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9:._-]+$' }), {
        description: 'Devices, one for each slot: given to a job as its only visible one.',
      }),
    ),
    open: Type.Optional(
      Type.Boolean({ description: 'Whether every user may use it without being told. Default true.' }),
    ),
  },
  { additionalProperties: false },
);

const Smtp = Type.Object(
  {
    host: Type.String(),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    secure: Type.Optional(
      Type.Boolean({ description: 'TLS from the first byte on. Default false: STARTTLS.' }),
    ),
    user: Type.Optional(Type.String()),
    passwordFile: Type.Optional(Type.String({ description: 'A file that holds the password alone.' })),
  },
  { additionalProperties: false },
);

/** The configuration file of a cluster, as it is published for editors and checked at the start. */
export const ClusterConfig = Type.Object(
  {
    server: Type.Object(
      {
        url: Type.Optional(Type.String({ description: 'Where users reach it; stands in mails and pages.' })),
        tls: Type.Optional(
          Type.Object({ cert: Type.String(), key: Type.String() }, { additionalProperties: false }),
        ),
        trustProxy: Type.Optional(
          Type.Union([Type.Boolean(), Type.String()], {
            description: 'Whose word counts for a client’s address: true, or addresses of proxies.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    users: Type.Object(
      {
        registration: Type.Boolean({ description: 'Whether the page to register is open.' }),
        tokenDays: Type.Integer({ minimum: 1, maximum: 3650, description: 'How long a token is good for.' }),
        maxPriority: Type.Number({ minimum: 0, description: 'Of a new user.' }),
        storageMiB: Type.Optional(Type.Integer({ minimum: 0, description: 'Quota of a new user.' })),
        jobs: Type.Optional(
          Type.Integer({ minimum: 0, description: 'Jobs that a new user may have waiting or running.' }),
        ),
      },
      { additionalProperties: false },
    ),
    limits: Type.Object(
      {
        fileMiB: Type.Integer({ minimum: 1, description: 'The largest file that may be uploaded.' }),
        jobsPerTask: Type.Integer({ minimum: 1 }),
        requestsPerMinute: Type.Integer({
          minimum: 1,
          description: 'Of one address, before it is slowed down.',
        }),
        freeMiB: Type.Integer({ minimum: 0, description: 'Free disk below which uploads and jobs wait.' }),
      },
      { additionalProperties: false },
    ),
    queues: Type.Array(Queue, { minItems: 1 }),
    mail: Type.Object(
      {
        from: Type.String(),
        admins: Type.Array(Type.String()),
        smtp: Type.Optional(Smtp),
      },
      { additionalProperties: false },
    ),
    reaping: Type.Object(
      {
        warnDays: Type.Number({ exclusiveMinimum: 0 }),
        warnAgainDays: Type.Number({ exclusiveMinimum: 0 }),
        removeDays: Type.Number({ exclusiveMinimum: 0 }),
      },
      { additionalProperties: false, description: 'Days after a task has ended.' },
    ),
  },
  { additionalProperties: false },
);

export type ClusterConfig = Static<typeof ClusterConfig>;
export type QueueConfig = Static<typeof Queue>;
export type RuntimeName = Static<typeof Runtime>;

/** What a cluster is that nobody has configured: this machine's cores behind three queues. */
export function defaultConfig(cores: number): ClusterConfig {
  return {
    server: {},
    users: { registration: true, tokenDays: 90, maxPriority: 100 },
    limits: { fileMiB: 1_048_576, jobsPerTask: 100_000, requestsPerMinute: 120_000, freeMiB: 512 },
    queues: [
      { name: 'cpu_small', slots: Math.max(1, cores) },
      { name: 'cpu_large', slots: Math.max(1, Math.floor(cores / 2)) },
      { name: 'nvidia', slots: 1, gpus: ['0'] },
    ],
    mail: { from: 'maestro@localhost', admins: [] },
    reaping: { warnDays: 5, warnAgainDays: 9, removeDays: 10 },
  };
}
