import Type, { type Static, type TObject } from 'typebox';

const CLOSED = { additionalProperties: false } as const;

const Runtime = Type.Enum(['auto', 'podman', 'docker', 'apptainer', 'charliecloud', 'bwrap', 'none'], {
  description: 'What runs containers; auto takes the fastest that works here. none isolates nothing.',
  errorMessage: 'write auto, podman, docker, apptainer, charliecloud, bwrap or none',
});

const text = (description: string, options: { readonly examples?: readonly string[] } = {}) =>
  Type.String({ description, minLength: 1, errorMessage: 'write text', ...options });

const truth = (description: string) =>
  Type.Boolean({ description, errorMessage: 'write true or false', examples: [true] });

const count = (minimum: number, description: string, example: number) =>
  Type.Integer({
    description,
    minimum,
    errorMessage: `write a whole number of at least ${minimum}`,
    examples: [example],
  });

const Queue = Type.Object(
  {
    name: Type.String({
      description: 'What users call it.',
      pattern: '^[a-z][a-z0-9_-]{0,62}$',
      errorMessage: 'write a small letter, then small letters, digits, - and _',
    }),
    slots: count(1, 'How many jobs run at once.', 4),
    batch: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Where jobs run: a batch block as studies have it. Without it, on this machine.',
        errorMessage: "write 'type: …' and the other keys of batch below it, indented",
        examples: [{ type: 'slurm', host: 'cluster', bank: 'physics', queue: 'short' }],
      }),
    ),
    runtime: Type.Optional(Runtime),
    network: Type.Optional(truth('Whether jobs may use the network. Default false.')),
    memory: Type.Optional(count(16, 'MiB of memory that a job may use.', 4096)),
    processes: Type.Optional(count(1, 'Processes that a job may have.', 256)),
    walltime: Type.Optional(
      Type.Number({
        description: 'Minutes that a job may take.',
        exclusiveMinimum: 0,
        errorMessage: 'write minutes, as a number above 0',
        examples: [1440],
      }),
    ),
    gpus: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Za-z0-9:._-]+$',
          errorMessage: "write the device as text, as in '0'",
        }),
        {
          description: 'Devices, one for each slot: given to a job as its only visible one.',
          errorMessage: "write a list of devices, as in ['0', '1']",
          examples: [['0', '1']],
        },
      ),
    ),
    open: Type.Optional(
      truth('Whether every user may use it without being told by an administrator. Default true.'),
    ),
  },
  { ...CLOSED, errorMessage: "write 'name: …' and 'slots: …' below it, indented" },
);

const Tls = Type.Object(
  { cert: text('The certificate, with its chain, in PEM.'), key: text('Its private key, in PEM.') },
  {
    ...CLOSED,
    description:
      'Files of a certificate, absolute or from the data directory. They are read again on SIGHUP.',
    errorMessage: "write 'cert: …' and 'key: …' below it, indented",
    examples: [{ cert: 'tls/cert.pem', key: 'tls/key.pem' }],
  },
);

const Server = Type.Object(
  {
    url: Type.Optional(
      text('Where users reach the server; stands in mails and on pages.', {
        examples: ['https://cluster.example.org'],
      }),
    ),
    tls: Type.Optional(Tls),
    trustProxy: Type.Optional(
      Type.Unsafe<boolean | string>({
        type: ['boolean', 'string'],
        minLength: 1,
        description:
          'Whose word counts for the address of a client: true (whoever connects), or the addresses of proxies, with commas between them.',
        errorMessage: 'write true, false, or addresses of proxies',
        examples: ['127.0.0.1'],
      }),
    ),
  },
  {
    ...CLOSED,
    description: 'How the server is reached.',
    errorMessage: 'write its keys below it, indented',
  },
);

const Users = Type.Object(
  {
    registration: truth('Whether the page on which people register themselves is open.'),
    tokenDays: Type.Integer({
      description: 'How many days a token is good for.',
      minimum: 1,
      maximum: 3650,
      errorMessage: 'write a whole number from 1 to 3650',
    }),
    maxPriority: Type.Number({
      description: 'The priority of a new user’s first job; the more jobs a user has, the lower it gets.',
      minimum: 0,
      errorMessage: 'write a number of at least 0',
    }),
    storageMiB: Type.Optional(count(0, 'MiB that a new user may store. Without it, any.', 102_400)),
    jobs: Type.Optional(
      count(0, 'Jobs that a new user may have waiting or running. Without it, any.', 10_000),
    ),
  },
  { ...CLOSED, description: 'What new users get.', errorMessage: 'write its keys below it, indented' },
);

const Limits = Type.Object(
  {
    fileMiB: count(1, 'MiB of the largest file that may be uploaded.', 1024),
    jobsPerTask: count(1, 'Jobs that one task may have.', 1000),
    requestsPerMinute: count(1, 'Requests a minute of one address, before it is told to wait.', 6000),
    freeMiB: count(
      0,
      'MiB of free disk below which the server counts as unhealthy, and uploads and jobs wait.',
      512,
    ),
  },
  { ...CLOSED, description: 'What the server bears.', errorMessage: 'write its keys below it, indented' },
);

const Smtp = Type.Object(
  {
    host: text('The mail server.'),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, errorMessage: 'write a port, from 1 to 65535' }),
    ),
    secure: Type.Optional(truth('TLS from the first byte on. Default false: STARTTLS.')),
    user: Type.Optional(text('Who logs in.')),
    passwordFile: Type.Optional(text('A file that holds the password alone.')),
  },
  {
    ...CLOSED,
    description: 'The server that takes mails. Without it they are put into the directory outbox.',
    errorMessage: "write 'host: …' below it, indented",
    examples: [{ host: 'mail.example.org', port: 587, user: 'maestro', passwordFile: 'smtp-password' }],
  },
);

const address = (description?: string) =>
  Type.String({
    ...(description === undefined ? {} : { description }),
    pattern: '^[^\\s@]+@[^\\s@]+$',
    errorMessage: 'write an address, as in ada@example.org',
  });

const Mail = Type.Object(
  {
    from: address('Whom mails are from.'),
    admins: Type.Array(address(), {
      description: 'Who is told of what concerns administrators, such as a queue that does not work.',
      errorMessage: 'write a list of addresses, as in [ada@example.org]',
    }),
    smtp: Type.Optional(Smtp),
  },
  { ...CLOSED, description: 'How mails leave.', errorMessage: 'write its keys below it, indented' },
);

const days = (description: string) =>
  Type.Number({ description, exclusiveMinimum: 0, errorMessage: 'write days, as a number above 0' });

const Reaping = Type.Object(
  {
    warnDays: days('When its owner is told that it will be removed.'),
    warnAgainDays: days('When its owner is told so again.'),
    removeDays: days('When it is removed, with its outputs.'),
  },
  {
    ...CLOSED,
    description: 'What becomes of tasks that have ended: days after the end.',
    errorMessage: 'write its keys below it, indented',
  },
);

const Queues = Type.Array(Queue, {
  description: 'The queues that users send tasks to.',
  minItems: 1,
  errorMessage: "write a list of queues, each with 'name:' and 'slots:'",
});

/** The configuration of a cluster, complete. */
export const ClusterConfig = Type.Object(
  { server: Server, users: Users, limits: Limits, queues: Queues, mail: Mail, reaping: Reaping },
  CLOSED,
);

/** A configuration that has been checked. */
export type ClusterConfig = Static<typeof ClusterConfig>;
/** One queue of it. */
export type QueueConfig = Static<typeof Queue>;
/** What may stand for a runtime in it. */
export type RuntimeName = Static<typeof Runtime>;

/** A section of which every line may be missing, or commented out. */
function optional({ required: _, ...section }: TObject): object {
  return { ...section, type: ['object', 'null'] };
}

/** The JSON Schema of the file, as it is published for editors: whatever it leaves out has its default. */
export const CONFIG_FILE = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'The configuration of a maestro cluster',
  description: 'config.yaml in the data directory of maestro orchestra serve.',
  type: 'object',
  errorMessage: 'write the keys server, users, limits, queues, mail and reaping',
  additionalProperties: false,
  properties: {
    server: optional(Server),
    users: optional(Users),
    limits: optional(Limits),
    queues: Queues,
    mail: optional(Mail),
    reaping: optional(Reaping),
  },
} as const;

/** What a cluster is that nobody has configured: this machine's cores and GPUs behind three queues. */
export function defaultConfig(cores: number, gpus: readonly string[] = []): ClusterConfig {
  const devices = gpus.length === 0 ? ['0'] : [...gpus];
  return {
    server: {},
    users: { registration: true, tokenDays: 90, maxPriority: 100 },
    limits: { fileMiB: 1_048_576, jobsPerTask: 100_000, requestsPerMinute: 120_000, freeMiB: 512 },
    queues: [
      { name: 'cpu_small', slots: Math.max(1, cores) },
      { name: 'cpu_large', slots: Math.max(1, Math.floor(cores / 2)) },
      { name: 'nvidia', slots: devices.length, gpus: devices },
    ],
    mail: { from: 'maestro@localhost', admins: [] },
    reaping: { warnDays: 5, warnAgainDays: 9, removeDays: 10 },
  };
}
