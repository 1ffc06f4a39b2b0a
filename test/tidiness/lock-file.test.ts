import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingEntries } from '../../scripts/complete-lock.js';
import { textOf } from './tracked-files.ts';

const lock = JSON.parse(textOf('package-lock.json')) as {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
};

test('the lock file has the binaries of every platform, so that npm ci takes it', () => {
  assert.deepEqual([...missingEntries(lock.packages).keys()], []);
});

test('the lock file is that of package.json', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json'));
  const root = lock.packages[''] as Record<string, unknown>;
  assert.deepEqual([root.dependencies, root.devDependencies], [dependencies, devDependencies]);
});

test('a missing binary gets an entry by its name', () => {
  const optionalDependencies = {
    '@x/cli-linux-arm64-musl': '2.6.8',
    '@x/binding-linux-arm-gnueabihf': '0.1.0',
    '@x/there-darwin-x64': '1.0.0',
    '@x/cli-win32-ia32-msvc': '1.0.0',
  };
  const missing = missingEntries({
    'node_modules/@x/cli': { version: '2.6.8', dev: true, optionalDependencies },
    'node_modules/@x/there-darwin-x64': { version: '1.0.0' },
  });
  assert.deepEqual(Object.fromEntries(missing), {
    'node_modules/@x/cli-linux-arm64-musl': {
      version: '2.6.8',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@x/binding-linux-arm-gnueabihf': {
      version: '0.1.0',
      cpu: ['arm'],
      dev: true,
      libc: ['glibc'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@x/cli-win32-ia32-msvc': {
      version: '1.0.0',
      cpu: ['ia32'],
      dev: true,
      optional: true,
      os: ['win32'],
    },
  });
});

test('a package whose platform cannot be told is an error, not a guess', () => {
  const packages = (name: string, version: string) => ({
    'node_modules/a': { optionalDependencies: { [name]: version } },
  });
  assert.throws(() => missingEntries(packages('fast-thing', '1.0.0')), /does not say its platform/);
  assert.throws(() => missingEntries(packages('x-linux-x64', '^1.0.0')), /does not say its platform/);
});
