export { profileGrpc, ProfileModule } from './profile.module.js';
export { consumePurchases } from './purchases.consumer.js';
export { RecordPurchaseHandler } from './record-purchase.handler.js';
export { SecondTombstones } from './second-tombstones.js';
export { profile } from './profile.service.js';
