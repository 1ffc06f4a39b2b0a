// Backups are made by commands, which come in here: the server need not carry what only they use.
export { atConsole } from '../console.ts';
export { backUp } from './back-up.ts';
export { restore } from './restore.ts';
