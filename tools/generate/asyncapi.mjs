// docs/asyncapi.json: the topics and every message on them, for programs.
import { asyncApiDocument } from '@kendt/contracts';

export const output = 'docs/asyncapi.json';

export const generate = () => `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`;
