// Follows every relative link in the repository's Markdown files: the file must exist, and so must the heading behind a `#`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

// Those that git knows or would take: what lies in ignored folders is nobody's document.
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n').filter((file) => file && existsSync(join(root, file)));

const withoutCode = (text) => text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** Markdown links and images, and the attributes of embedded HTML. */
const linksIn = (text) => [
  ...[...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, link]) => link),
  ...[...withoutCode(text).matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)].map(([, link]) => link),
  ...[...withoutCode(text).matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)].map(([, link]) => link),
];

const anchors = new Map();

/** As GitHub makes them from headings; a heading that comes again gets a number. */
function anchorsOf(file) {
  if (anchors.has(file)) return anchors.get(file);
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '');
  const found = new Set([...text.matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id));
  for (const [, heading] of text.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    let unique = slug;
    for (let n = 1; found.has(unique); n++) unique = `${slug}-${n}`;
    found.add(unique);
  }
  anchors.set(file, found);
  return found;
}

/** Undefined when the link leads somewhere. */
function complaint(document, link) {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(link)) return undefined; // elsewhere: not ours to promise
  const [path, anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), decodeURI(path)));
  if (target.startsWith('..') || path.startsWith('/')) return 'leads out of the repository';
  if (!existsSync(join(root, target))) return 'leads to nothing';
  if (!anchor) return undefined;
  if (!target.endsWith('.md')) return statSync(join(root, target)).isFile() && /^L\d+/.test(anchor) ? undefined : 'has an anchor, but leads to no document';
  return anchorsOf(target).has(decodeURIComponent(anchor)) ? undefined : `there is no such heading in ${target}`;
}

let [links, broken] = [0, 0];
for (const document of documents) {
  for (const link of linksIn(readFileSync(join(root, document), 'utf8'))) {
    links++;
    const wrong = complaint(document, link);
    if (!wrong) continue;
    broken++;
    console.error(`${document}: ${link} ${wrong}`);
  }
}
if (broken > 0) process.exitCode = 1;
else console.log(`${links} links in ${documents.length} documents, all lead somewhere.`);
