import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './java.js';

export interface Certificate {
  readonly keyStore: { readonly file: string; readonly password: string };
  /** PEM; who trusts it trusts the brokers. */
  readonly trusted: string;
}

/** A key pair and its self-signed certificate for 127.0.0.1 and localhost, made by Java's own tool; valid for a day. */
export const makeCertificate = async (folder: string): Promise<Certificate> => {
  const [file, pem, password] = [join(folder, 'keys.p12'), join(folder, 'certificate.pem'), randomUUID()];
  const store = ['-keystore', file, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'broker'];
  const names = ['-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  await runTool(['keytool', '-genkeypair', ...store, ...names, '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '1']);
  await runTool(['keytool', '-exportcert', '-rfc', ...store, '-file', pem]);
  return { keyStore: { file, password }, trusted: readFileSync(pem, 'utf8') };
};
