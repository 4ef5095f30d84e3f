import { readFileSync } from 'node:fs';
import { certificateAlgorithm, CertificatePayload, certificateType, EvidenceKeys } from '@kendt/contracts';
import { Command } from 'commander';
import { compactVerify, createLocalJWKSet } from 'jose';
import { getJson } from './api.js';
import { certificateWords } from './certificate.words.js';
import { urlOf } from './connection.js';
import { exitCodes, Failure, type Terminal } from './failure.js';

interface VerifyOptions {
  readonly key?: string;
  readonly url?: string;
  readonly json?: boolean;
}

type Verdict = { readonly valid: true; readonly kid: string; readonly payload: CertificatePayload } | { readonly valid: false; readonly reason: string };

export const verifyCertificateCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('verify-certificate')
    .description('check an erasure certificate with the public key alone')
    .argument('<file>', 'the certificate: the compact JWS, or the JSON answer that carries it')
    .option('--key <file or url>', 'the public keys (JWKS); with a file nothing is asked of anybody')
    .option('--url <url>', 'where Kendt runs, to fetch the keys from when --key is not given (KENDT_URL)')
    .option('--json', 'the verdict as JSON, for programs')
    .action(async (file: string, options: VerifyOptions) => done(await verifyCertificate(file, options, terminal)));

const verifyCertificate = async (file: string, options: VerifyOptions, terminal: Terminal): Promise<number> => {
  const jws = jwsIn(readText(file));
  const keys = await keysFrom(options.key ?? `${urlOf(options, terminal.env)}/v1/audit/keys`);
  const verdict = await verify(jws, keys);
  if (options.json) terminal.out(`${JSON.stringify(verdict)}\n`);
  else terminal.out(verdict.valid ? `${certificateWords(verdict.payload)}\n\nsignature: valid (key ${verdict.kid})\n` : `signature: INVALID\n${verdict.reason}\n`);
  return verdict.valid ? exitCodes.done : exitCodes.failed;
};

/** Says nothing of what stands in a certificate whose signature does not hold: none of it is known to be true. */
const verify = async (jws: string, keys: EvidenceKeys): Promise<Verdict> => {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet({ keys: keys.keys.map((key) => ({ ...key })) }), { algorithms: [certificateAlgorithm] });
    if (protectedHeader.typ !== certificateType) return { valid: false, reason: 'It is signed, but it is no erasure certificate.' };
    const read = CertificatePayload.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    if (!read.success) return { valid: false, reason: 'It is signed, but it does not say what a certificate says.' };
    return { valid: true, kid: protectedHeader.kid ?? 'without a name', payload: read.data };
  } catch (error) {
    return { valid: false, reason: reasons[(error as { code?: string }).code ?? ''] ?? 'It is not a certificate in the form that Kendt gives out.' };
  }
};

const reasons: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'It was changed after it was signed, or signed by somebody else.',
  ERR_JWKS_NO_MATCHING_KEY: 'None of the keys given is the one that it says it was signed with.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'It is signed in a way that Kendt does not use.',
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Failure(`The file ${file} cannot be read.`);
  }
};

const jwsIn = (content: string): string => {
  if (!content.startsWith('{')) return content;
  const { jws } = json(content, 'The certificate') as { jws?: unknown };
  if (typeof jws !== 'string') throw new Failure('The file holds JSON, but no certificate: there is no "jws" in it.');
  return jws;
};

const keysFrom = async (place: string): Promise<EvidenceKeys> => {
  const content = /^https?:\/\//.test(place) ? await getJson(place) : json(readText(place), 'The file of keys');
  const keys = EvidenceKeys.safeParse(content);
  if (!keys.success) throw new Failure(`${place} holds no public Ed25519 keys (a JWK set).`);
  return keys.data;
};

const json = (content: string, what: string): unknown => {
  try {
    return JSON.parse(content);
  } catch {
    throw new Failure(`${what} is not JSON.`);
  }
};
