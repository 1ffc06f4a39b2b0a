const { builtinModules } = require('node:module');

/** Files that decide and do not act. test/tidiness/files.test.ts keeps clocks and dice out of them, too. */
const pureRooms =
  '^src/(shared/study/|conductor/(settle|dispatch|model|graph|ready-queue|observation)\\.ts$)';

/**
 * Which way imports may point: bin -> cli -> conductor/main -> shared, and conductor -> shared; the library is a
 * second way in, for programs. The rules are exercised one by one in test/tidiness/directions.test.ts, each by an
 * import that breaks it.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'shared-imports-nothing-above-it',
      comment: 'What both processes know must not know the processes.',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^(src/(?!shared/)|bin/)' },
    },
    {
      name: 'conductor-imports-only-shared',
      comment: 'The conductor outlives the terminal that started it, so it cannot need the command line.',
      severity: 'error',
      from: { path: '^src/conductor/' },
      to: { path: '^(src/(?!conductor/|shared/)|bin/)' },
    },
    {
      name: 'cli-enters-conductor-by-main',
      comment: 'The foreground run starts the conductor as any process would: by its composition root.',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/doctor/' },
      to: { path: '^src/conductor/', pathNot: '^src/conductor/main\\.ts$' },
    },
    {
      name: 'doctor-asks-what-the-conductor-asks',
      comment:
        'What the doctor tells of this machine and its schedulers must be what the conductor will find, so it asks ' +
        'by the same facts and checks; nothing of what conducts is its business.',
      severity: 'error',
      from: { path: '^src/cli/doctor/' },
      to: {
        path: '^src/conductor/',
        pathNot:
          '^src/conductor/(machine|runner/runner|schedulers/(command|scheduler|allocation|[a-z]+/(facts|check-batch)))\\.ts$',
      },
    },
    {
      name: 'cli-enters-the-cluster-by-main',
      comment:
        'Commands that serve and keep a cluster go in by its composition root, as the conductor is entered.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/orchestra/server/', pathNot: '^src/orchestra/server/(backup/)?main\\.ts$' },
    },
    {
      name: 'both-ends-meet-at-the-api',
      comment: 'Client and server know of each other what the API says, and nothing else.',
      severity: 'error',
      from: { path: '^src/orchestra/(client|server)/' },
      to: { path: '^src/orchestra/(client|server)/', pathNot: '^src/orchestra/$1/' },
    },
    {
      name: 'nothing-imports-cli',
      comment:
        'Commands are leaves: what two of them need belongs in cli/render, the rooms beside or shared.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'library-enters-by-the-doors',
      comment:
        'What programs import decides nothing: it goes in where the command line goes in, and knows of the cluster ' +
        'what its client knows.',
      severity: 'error',
      from: { path: '^src/library/' },
      to: { path: '^(src/(?!library/|shared/|conductor/main\\.ts$|orchestra/(?!server/))|bin/)' },
    },
    {
      name: 'nothing-imports-the-library',
      comment: 'It is for the programs of users: what a room of ours needs of it belongs in shared.',
      severity: 'error',
      from: { path: '^(src|bin)/', pathNot: '^src/library/' },
      to: { path: '^src/library/' },
    },
    {
      name: 'commands-are-leaves',
      comment: 'One verb a file: commands share code through the rooms beside them, not through each other.',
      severity: 'error',
      from: { path: '^src/cli/.+/' },
      to: { path: '^src/cli/commands/' },
    },
    {
      name: 'orchestra-and-conductor-apart',
      comment: 'The cluster and the conductor talk through studies and processes, never through imports.',
      severity: 'error',
      from: { path: '^src/orchestra/' },
      to: { path: '^src/(conductor|cli|web)/' },
    },
    {
      name: 'bin-starts-cli-or-conductor',
      comment: 'An executable is a few lines: it hands over at once.',
      severity: 'error',
      from: { path: '^bin/' },
      to: { path: '(^|/)(src|dist)/(?!cli/|conductor/main\\.)' },
    },
    {
      name: 'pure-rooms-do-no-io',
      comment:
        'Expansion and decisions are functions over plain data, so that they can be tested without a world, and ' +
        'so is all that they lean on. node:path and node:crypto compute; everything else of Node does something.',
      severity: 'error',
      from: { path: pureRooms },
      to: { reachable: true, path: `^(node:)?(?!path$|path/posix$|crypto$)(${builtinModules.join('|')})$` },
    },
    {
      name: 'source-is-no-test',
      comment: 'The program may not lean on what is not shipped.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(test|bench|scripts|samples)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing is forgotten or premature.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment:
        'An import that cannot be found fails at run time at the latest. dist/ is there after a build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
    {
      name: 'shipped-code-uses-shipped-packages',
      comment: 'A development dependency is not there when a user installs the package.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['(^|/)node_modules/', '(^|/)dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
