export { Changes, type ChangesOptions } from './changes.js';
export { Shredder, type Sealed } from './shredder.js';
export { type FileKind, isBusy, lockPatienceMs, openSqliteFile, type OpenSqliteFile, pragma, type SqliteConnection, type SqliteStatement, type SqlValue } from './sqlite-file.js';
export { whenFree } from './when-free.js';
export { WalCleaner } from './wal-cleaner.js';
