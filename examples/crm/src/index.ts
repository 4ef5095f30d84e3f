export { startCrm } from './crm.js';
export { type CrmNews } from './crm.handlers.js';
export { type CrmOptions } from './crm.options.js';
