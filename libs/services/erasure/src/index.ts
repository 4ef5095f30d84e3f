export { ErasureModule } from './erasure.module.js';
export { erasureGrpc } from './erasure.grpc.js';
export { ErasureDeadlines } from './deadlines.timer.js';
export { eraseAgain, type ErasedAgain } from './erase-again.js';
export { erasure } from './erasure.service.js';
