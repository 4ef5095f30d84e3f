import { Refusal } from '@kendt/kernel';
import { ownerOf } from './topics.js';

/** A source of another form is the system's own business. */
const sources = /^urn:kendt:system:(.*)$/;

/**
 * The system that speaks in a message: the one whose topic it stands on, since the broker's access rules bind nobody to anything
 * else.
 * @throws Refusal TOPIC_UNKNOWN where it is nobody's, SYSTEM_NOT_OF_TOPIC where the message names another system as its source.
 */
export const speakerOf = ({ topic }: { readonly topic: string }, { source }: { readonly source: string }): string => {
  const systemId = ownerOf(topic);
  if (systemId === undefined) throw new Refusal('TOPIC_UNKNOWN', 'The topic belongs to no system', 'invalid');
  const named = sources.exec(source)?.[1];
  if (named !== undefined && named !== systemId) throw new Refusal('SYSTEM_NOT_OF_TOPIC', 'The message speaks for another system than its topic’s', 'forbidden');
  return systemId;
};
