import { viewsContract } from '@kendt/testing';
import { onMongo } from './on-mongodb.examples.js';
import { MongoViews } from './views.mongodb.js';

viewsContract('MongoViews', onMongo((options) => MongoViews.open(options)), { durable: true });
