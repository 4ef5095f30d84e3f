import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentials, loadPackageDefinition, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import type { TestService } from '../testing/index.js';
import { callProbe, probeClient, startProbe } from '../testing/probe.service.js';

const note = { text: 'hello' };

describe('gRPC', () => {
  let service: TestService;
  let authorization: string;
  beforeAll(async () => {
    service = await startProbe();
    authorization = await service.token({ scopes: ['notes:write', 'notes:read'] });
  });
  afterAll(() => service.close());

  it('answers with the position', async () => {
    const { reply, header } = await callProbe(service, 'Note', note, { authorization });
    expect(reply).toEqual({ id: '1' });
    expect(header?.get('kendt-position')[0]).toBeTruthy();
  });

  it.each<[string, object, () => Promise<Record<string, string>>, status, string]>([
    ['without a token', note, async () => ({}), status.UNAUTHENTICATED, 'TOKEN_MISSING'],
    ['with a bad token', note, async () => ({ authorization: 'Bearer x.y.z' }), status.UNAUTHENTICATED, 'TOKEN_INVALID'],
    ['without the scope', note, async () => ({ authorization: await service.token({ scopes: ['notes:read'] }) }), status.PERMISSION_DENIED, 'SCOPE_MISSING'],
    ['with an invalid message', { text: '' }, async () => ({ authorization }), status.INVALID_ARGUMENT, 'BODY_INVALID'],
    ['that the domain refuses', { text: 'refused' }, async () => ({ authorization }), status.FAILED_PRECONDITION, 'NOTE_REFUSED'],
    ['for what is gone', { text: 'gone' }, async () => ({ authorization }), status.NOT_FOUND, 'NOTE_GONE'],
    ['while busy', { text: 'busy' }, async () => ({ authorization }), status.UNAVAILABLE, 'STORE_BUSY'],
  ])('refuses a call %s', async (_, message, entries, code, kendtCode) => {
    const { error } = await callProbe(service, 'Note', message, await entries());
    expect(error?.code).toBe(code);
    expect(error?.details).toMatch(new RegExp(`^${kendtCode}: `));
    expect(error?.metadata.get('kendt-code')).toEqual([kendtCode]);
  });

  it('says nothing about an unexpected error', async () => {
    const { error } = await callProbe(service, 'Fail', note, { authorization });
    expect([error?.code, error?.details]).toEqual([status.INTERNAL, 'INTERNAL']);
  });

  it('repeats the answer to the same idempotency key', async () => {
    const entries = { authorization, 'idempotency-key': 'key-1' };
    const [first, second] = [await callProbe(service, 'Note', note, entries), await callProbe(service, 'Note', note, entries)];
    expect(second.reply).toEqual(first.reply);
    expect(second.header?.get('kendt-position')).toEqual(first.header?.get('kendt-position'));
    const other = await callProbe(service, 'Note', { text: 'other' }, entries);
    expect(other.error?.metadata.get('kendt-code')).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  });

  it('streams, and refuses a stream', async () => {
    const watch = (entries: Record<string, string>): Promise<string[]> =>
      new Promise((resolve, reject) => {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
        const client = probeClient(service);
        const ids: string[] = [];
        const stream = (client['Watch'] as (request: object, metadata: Metadata) => NodeJS.ReadableStream).call(client, note, metadata);
        stream.on('data', ({ id }: { id: string }) => ids.push(id));
        stream.on('error', (error: Error) => (client.close(), reject(error)));
        stream.on('end', () => (client.close(), resolve(ids)));
      });
    expect(await watch({ authorization })).toEqual(['1', '2']);
    await expect(watch({})).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it('tells its health', async () => {
    const health = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as { grpc: { health: { v1: { Health: ReturnType<typeof probeClient>['constructor'] & (new (...args: unknown[]) => HealthClient) } } } };
    const client = new health.grpc.health.v1.Health(service.grpcUrl, credentials.createInsecure());
    const answer = await new Promise((resolve) => client.check({ service: '' }, (_, reply) => resolve(reply)));
    client.close();
    expect(answer).toMatchObject({ status: 'SERVING' });
  });
});

interface HealthClient {
  check(request: object, callback: (error: ServiceError | null, reply: unknown) => void): void;
  close(): void;
}
