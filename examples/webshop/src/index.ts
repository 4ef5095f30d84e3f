export { startWebshop } from './webshop.js';
export { type ShopNews } from './shop.handlers.js';
export { type WebshopOptions } from './webshop.options.js';
