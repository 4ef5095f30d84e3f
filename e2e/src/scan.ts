import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Find {
  readonly file: string;
  readonly needle: string;
  readonly form: string;
}

export interface Scan {
  readonly files: number;
  readonly bytes: number;
  readonly finds: readonly Find[];
}

interface Form {
  readonly needle: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Reads every byte below the folders, of all files unless told which, and looks for each needle: plain, upper and lower case, UTF-16 in both orders, hex, URL
 * encoding, and base64 in all three alignments.
 */
export const scanFor = async (folders: readonly string[], needles: readonly string[], isWanted: (file: string) => boolean = () => true): Promise<Scan> => {
  const forms = needles.flatMap(formsOf);
  const files = folders.flatMap(filesBelow).filter(isWanted);
  const finds: Find[] = [];
  let bytes = 0;
  for (const file of files) bytes += await scanFile(file, forms, finds);
  return { files: files.length, bytes, finds };
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const formsOf = (needle: string): Form[] => {
  const plain = Buffer.from(needle);
  const utf16 = Buffer.from(needle, 'utf16le');
  const swapped = Buffer.from(utf16).swap16();
  return [
    ...[...new Set([needle, needle.toLowerCase(), needle.toUpperCase()])].map((text) => ({ needle, form: 'plain', bytes: Buffer.from(text) })),
    { needle, form: 'UTF-16LE', bytes: utf16 },
    { needle, form: 'UTF-16BE', bytes: swapped },
    { needle, form: 'hex', bytes: Buffer.from(plain.toString('hex')) },
    { needle, form: 'URL', bytes: Buffer.from(encodeURIComponent(needle)) },
    ...[0, 1, 2].map((shift) => ({ needle, form: `base64+${shift}`, bytes: base64Core(plain, shift) })),
  ];
};

/** The part of the base64 text that does not depend on what stands before or after the needle. */
const base64Core = (plain: Buffer, shift: number): Buffer => {
  const encoded = Buffer.concat([Buffer.alloc(shift), plain]).toString('base64').replaceAll('=', '');
  const first = shift === 0 ? 0 : shift + 1;
  const last = (shift + plain.length) % 3 === 0 ? encoded.length : encoded.length - 1;
  return Buffer.from(encoded.slice(first, last));
};

const scanFile = async (file: string, forms: readonly Form[], finds: Find[]): Promise<number> => {
  const overlap = Math.max(...forms.map(({ bytes }) => bytes.length)) - 1;
  const seen = new Set<Form>();
  let tail = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const window = Buffer.concat([tail, chunk]);
      for (const form of forms) if (!seen.has(form) && window.includes(form.bytes)) seen.add(form);
      tail = window.subarray(Math.max(0, window.length - overlap));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // a file that was there a moment ago holds nothing now
  }
  finds.push(...[...seen].map(({ needle, form }) => ({ file, needle, form })));
  return bytes;
};
