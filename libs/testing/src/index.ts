export type { ContractOptions, Open, Opened } from './contracts/opened.js';
export { eventStoreContract } from './contracts/event-store.contract.js';
export { keyRingContract } from './contracts/key-ring.contract.js';
export { topicsContract } from './contracts/topics.contract.js';
export { viewsContract } from './contracts/views.contract.js';
export { given } from './given.js';
export { FormBrowser, type SeenPage } from './form-browser.js';
export type { SeenButton, SeenForm, SeenLink } from './seen-page.js';
