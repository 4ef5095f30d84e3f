// Whether the process in this container is as it should be: asks its operators' port. Ends with 0 or 1, as container engines want it.
// node health-check.mjs live|ready
const { OPERATORS_PORT = '9464' } = process.env;
const [what = 'live'] = process.argv.slice(2);

const { ok, status } = await fetch(`http://127.0.0.1:${OPERATORS_PORT}/health/${what}`, { signal: AbortSignal.timeout(3000) }).catch(() => ({ ok: false, status: 'no answer' }));
console.log(`${what}: ${status}`);
process.exitCode = ok ? 0 : 1;
