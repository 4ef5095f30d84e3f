export { type MongoDeployment, type MongoOptions, type MongoUser, startMongo } from './mongodb.js';
export type { MongoServer } from './server.js';
export { databaseUrl, passwordVariable, shareMongo, sharedMongo, type SharedMongo } from './shared.js';
