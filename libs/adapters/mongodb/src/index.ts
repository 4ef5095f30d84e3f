export type { OpenMongo } from './connection.js';
export { MongoKeyRing, type OpenMongoKeyRing } from './key-ring.mongodb.js';
export { MongoViews, type OpenMongoViews } from './views.mongodb.js';
