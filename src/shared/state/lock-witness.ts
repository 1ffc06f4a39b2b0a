import Database from 'better-sqlite3';

// `lock-witness.js FILE`: the other process of the probe for locks. Exits with 0 where it cannot lock what its
// parent has locked, and with 3 where it can.
const store = new Database(String(process.argv[2]), { timeout: 0, fileMustExist: true });
try {
  store.exec('BEGIN EXCLUSIVE');
  process.exitCode = 3;
} catch (error) {
  process.exitCode = (error as { readonly code?: string }).code === 'SQLITE_BUSY' ? 0 : 1;
}
store.close();
