// What emmett-sqlite calls of the package sqlite3, on better-sqlite3: its own binary cannot be had from the registry.
// It makes emmett-sqlite faster than it is: no thread is asked, and a statement is prepared once.
const BetterSqlite3 = require('better-sqlite3');

class Database {
  constructor(file) {
    this.db = new BetterSqlite3(file);
    this.db.pragma('synchronous = FULL'); // emmett-sqlite leaves it at NORMAL, which a power cut may undo: not what we compare with
    this.statements = new Map();
  }

  run(sql, ...rest) {
    this.answer(sql, rest, (statement, values) => (statement.reader ? (statement.all(values), { changes: 0 }) : statement.run(values)), true);
  }

  all(sql, ...rest) {
    this.answer(sql, rest, (statement, values) => (statement.reader ? statement.all(values) : (statement.run(values), [])));
  }

  get(sql, ...rest) {
    this.answer(sql, rest, (statement, values) => statement.get(values));
  }

  close(done) {
    this.db.close();
    if (done) setImmediate(done, null);
  }

  answer(sql, rest, work, isRun = false) {
    const done = typeof rest.at(-1) === 'function' ? rest.pop() : () => undefined;
    let [failure, result] = [null, undefined];
    try {
      result = work(this.prepared(sql), (rest[0] ?? []).map(bindable));
    } catch (error) {
      failure = error;
    }
    const self = isRun && result ? { changes: result.changes, lastID: result.lastInsertRowid } : this;
    queueMicrotask(() => done.call(self, failure, isRun ? undefined : result));
  }

  prepared(sql) {
    const statement = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

/** As sqlite3 binds: nothing as NULL, true as 1, an object by its text. */
const bindable = (value) => {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? String(value) : (value ?? null);
};

module.exports = { Database, OPEN_READONLY: 1, OPEN_READWRITE: 2, OPEN_CREATE: 4, OPEN_URI: 64 };
