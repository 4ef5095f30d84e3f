// A child for storm.int.test.ts, run by node as it is: counts until it is killed, or ends as its name says.
const [name, ...options] = process.argv.slice(2);
const option = (what: string): string | undefined => options[options.indexOf(`--${what}`) + 1];

const say = (fact: object): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

if (name === 'mute') process.exit(0);
say({ is: 'ready' });
if (name === 'clumsy') throw new Error('It fell over its feet');
let n = 0;
setInterval(() => say({ is: 'count', n: n++, of: option('process'), seed: option('seed') }), 1);
