export { Changes, type ChangesOptions } from './changes.js';
export { Shredder, type Sealed } from './shredder.js';
export { type FileKind, isBusy, openSqliteFile, type OpenSqliteFile, pragma, type SqliteConnection, type SqliteStatement, type SqlValue } from './sqlite-file.js';
export { WalCleaner } from './wal-cleaner.js';
