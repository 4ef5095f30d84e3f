export { type ErpNews } from './erasure.handler.js';
export { startErp } from './erp.js';
export { type ErpOptions } from './erp.options.js';
export { keptUntil } from './retention.js';
