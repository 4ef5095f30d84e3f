// What emmett-sqlite calls of the package sqlite3; filled in with the bench `append`.
throw new Error('Only the bench needs this');
