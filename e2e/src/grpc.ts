import { credentials, loadPackageDefinition, Metadata, type ServiceError, status, type Client } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoFile, protoFolder, protoLoaderOptions, type ProtoPackage } from '@kendt/contracts';

export interface GrpcAnswer {
  readonly code: string;
  readonly kendtCode: string | undefined;
  readonly message: Record<string, unknown>;
}

type Method = (request: object, metadata: Metadata, done: (error: ServiceError | null, message: Record<string, unknown>) => void) => void;
type Constructor = new (address: string, credentials: unknown) => Client & Record<string, Method>;

/** One unary call with a client built from the published .proto file. */
export const callGrpc = async (address: string, packageName: ProtoPackage, method: string, request: object, token: string): Promise<GrpcAnswer> => {
  const client = clientOf(address, packageName);
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  try {
    return await new Promise<GrpcAnswer>((resolve) => {
      const name = method.charAt(0).toLowerCase() + method.slice(1);
      client[name]?.(request, metadata, (error, message) => resolve(error ? refused(error) : { code: 'OK', kendtCode: undefined, message }));
    });
  } finally {
    client.close();
  }
};

const refused = (error: ServiceError): GrpcAnswer => ({
  code: status[error.code],
  kendtCode: error.metadata.get('kendt-code')[0]?.toString(),
  message: { details: error.details },
});

const clientOf = (address: string, packageName: ProtoPackage): InstanceType<Constructor> => {
  const definition = loadSync(protoFile(packageName), { ...protoLoaderOptions, includeDirs: [protoFolder()] });
  let place: unknown = loadPackageDefinition(definition);
  for (const part of packageName.split('.')) place = (place as Record<string, unknown>)[part];
  const service = Object.values(place as Record<string, unknown>).find((value): value is Constructor => typeof value === 'function' && 'service' in value);
  if (!service) throw new Error(`${packageName} has no service`);
  return new service(address, credentials.createInsecure());
};
