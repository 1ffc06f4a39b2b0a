import { statfsSync } from 'node:fs';

/**
 * File systems on which SQLite's WAL is safe: their shared memory is this machine's own. The numbers are
 * f_type of statfs(2). What is not listed counts as a network file system: there a rollback journal costs
 * speed, while a WAL would cost the study.
 */
const LOCAL_FILE_SYSTEMS = new Map<number, string>([
  [0xef53, 'ext'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x2fc12fc1, 'zfs'],
  [0x794c7630, 'overlay'],
  [0xf2f52010, 'f2fs'],
  [0x4d44, 'vfat'],
  [0x3153464a, 'jfs'],
  [0x52654973, 'reiserfs'],
  [0x137d, 'ext'],
  [0x858458f6, 'ramfs'],
  [0xca451a4e, 'bcachefs'],
]);

/** The kind of file system of a directory on a disk of this machine; undefined for others, and unknown ones. */
export function localFileSystem(directory: string): string | undefined {
  return LOCAL_FILE_SYSTEMS.get(statfsSync(directory).type);
}

/** Whether a directory lies on a disk of this machine, as far as its file system's type can tell. */
export function isOnLocalDisk(directory: string): boolean {
  return localFileSystem(directory) !== undefined;
}
