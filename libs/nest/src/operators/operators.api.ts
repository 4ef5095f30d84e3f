import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '@kendt/kernel';
import type { Logger } from 'pino';
import { z } from 'zod';
import { stackFrames } from '../logs/stack-frames.js';
import { Problem, problemDetails, toProblem } from '../problems/problem.js';
import type { Operations } from './operations.js';
import type { TopicOperations } from './topic.operations.js';

export interface OperatorsApi {
  /** Of a path that begins with `/operators/`. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

type Action = (body: unknown) => Promise<object>;

const maxBodyBytes = 4096;

const name = z.string().min(1).max(200);
const Rebuild = z.strictObject({ name, unlessDifferent: z.boolean().optional() });
const Named = z.strictObject({ name });
const Republish = z.strictObject({ topic: name, from: z.union([z.literal('start'), z.iso.datetime()]), dryRun: z.boolean().optional() });
const Letters = z.strictObject({ topic: name.optional(), group: name.optional(), key: name.optional(), reason: name.optional(), at: name.optional() });
const Retry = z.strictObject({ follower: name.optional(), key: name.optional() });

const actionsOf = (operations: Operations, topics: TopicOperations): Readonly<Record<string, Readonly<Record<string, Action>>>> => ({
  '/operators/views': { GET: async () => ({ views: await operations.listViews() }) },
  '/operators/views/rebuild': {
    POST: (body) => {
      const { name, unlessDifferent = false } = parsed(Rebuild, body);
      return operations.rebuild(name, { unlessDifferent });
    },
  },
  '/operators/views/compare': { POST: (body) => operations.compare(parsed(Named, body).name) },
  '/operators/views/drop': {
    POST: async (body) => {
      const { name } = parsed(Named, body);
      await operations.drop(name);
      return { dropped: name };
    },
  },
  '/operators/parked': { GET: async () => ({ parked: await operations.parked() }) },
  '/operators/parked/retry': {
    POST: (body) => {
      const { follower, key } = parsed(Retry, body);
      return operations.retryParked(follower, key);
    },
  },
  '/operators/topics/republish': {
    GET: async () => ({ republications: operations.listRepublications() }),
    POST: async (body) => {
      const { topic, from, dryRun = false } = parsed(Republish, body);
      return operations.republish({ topic, from: from === 'start' ? from : new Date(from).toISOString(), dryRun });
    },
  },
  '/operators/topics/dead-letters': { POST: (body) => topics.deadLetters(parsed(Letters, body)) },
  '/operators/topics/redrive': { POST: (body) => topics.redrive(parsed(Letters, body)) },
  '/operators/topics/grants': { GET: async () => ({ grants: topics.grants() }) },
});

/** What changes something needs the operators' key; a page in a browser cannot send it along by accident. */
export const operatorsApi = (operations: Operations, topics: TopicOperations, key: string, logger: Logger): OperatorsApi => {
  const actions = actionsOf(operations, topics);
  return {
    answer: async (request, response) => {
      try {
        send(response, 200, 'application/json', await act(actions, key, request));
      } catch (error) {
        const problem = toProblem(error);
        if (problem.status >= 500) logger.error({ stack: stackFrames(error) }, 'An operator could not be answered');
        send(response, problem.status, 'application/problem+json', problemDetails(problem), problem.options.headers);
      }
    },
  };
};

const act = async (actions: ReturnType<typeof actionsOf>, key: string, request: IncomingMessage): Promise<object> => {
  if (!hasKey(request.headers.authorization ?? '', key)) throw new Problem(401, 'OPERATORS_KEY_WRONG', 'This needs the operators’ key as a bearer token', { headers: { 'www-authenticate': 'Bearer' } });
  const methods = actions[request.url?.split('?')[0] ?? ''];
  if (!methods) throw new Refusal('NOT_FOUND', 'There is nothing here', 'not-found');
  const action = methods[request.method ?? ''];
  if (!action) throw new Problem(405, 'METHOD_NOT_ALLOWED', 'This method is not allowed here', { headers: { allow: Object.keys(methods).join(', ') } });
  return action(request.method === 'POST' ? await readBody(request) : undefined);
};

/** Compared by hash, so that neither length nor content shows in the time it takes. */
const hasKey = (authorization: string, key: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization), digest(`Bearer ${key}`));
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The answer must still go out on the same connection when the body is not read to its end.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Problem(413, 'BODY_TOO_LARGE', 'The body is larger than 4 KiB', { headers: { connection: 'close' } });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}') as unknown;
  } catch {
    throw new Problem(400, 'JSON_INVALID', 'The body is not valid JSON');
  }
};

const parsed = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(body);
  if (!result.success) throw new Problem(422, 'BODY_INVALID', `${result.error.issues[0]?.path.join('.') || 'The body'}: ${result.error.issues[0]?.message ?? 'is not right'}`);
  return result.data;
};

const send = (response: ServerResponse, status: number, type: string, body: object, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(JSON.stringify(body));
};
