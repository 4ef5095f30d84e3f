export type { OpenMongo } from './connection.js';
export { MongoViews } from './views.mongodb.js';
