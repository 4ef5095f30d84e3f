export { openDatabase, scrub } from './database.js';
export { escaped, page, pageHeaders } from './html.js';
export { isOurs, type Listening, listen } from './local-server.js';
export { portOf } from './port.option.js';
export { type Print, printer, problemNews } from './printer.js';
export { type Running, runProgram } from './program.js';
