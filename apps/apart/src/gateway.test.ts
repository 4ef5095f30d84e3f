import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { gatewayFile } from './gateway.js';
import { pathsOf } from './routes.examples.js';
import { services } from './services.js';

const text = readFileSync(gatewayFile, 'utf8');
const matchers = [...text.matchAll(/^\t@([\w-]+) path_regexp (\S+)$/gm)].map(([, name, pattern]) => ({ name: name!, pattern: new RegExp(pattern!) }));
/** `handle` blocks are tried as they stand. */
const handled = [...text.matchAll(/^\thandle(?: @([\w-]+))? \{\n\t\treverse_proxy \{\$([A-Z]+_(?:HTTP|GRPC))\}/gm)].map(([, matcher, upstream]) => ({ matcher, upstream: upstream! }));

const routed = (path: string): string | undefined =>
  handled.find(({ matcher }) => matcher === undefined || matchers.find(({ name }) => name === matcher)?.pattern.test(path))?.upstream;

describe('the gateway', () => {
  it.each(services.map((service) => [service.name, service] as const))('brings every route of %s to it', (name, service) => {
    const paths = pathsOf(service);
    expect(paths.length).toBeGreaterThan(1);
    const wrong = paths.filter((path) => routed(path) !== `${name.toUpperCase()}_${path.startsWith('/kendt.') ? 'GRPC' : 'HTTP'}`);
    expect(wrong).toEqual([]);
  });

  it.each(['/oidc/token', '/.well-known/openid-configuration', '/assets/kendt.css', '/health/ready', '/'])('brings %s to authentication', (path) => expect(routed(path)).toBe('AUTHENTICATION_HTTP'));
  it.each(['/mailbox', '/mailbox/one', '/docs', '/docs/topics'])('brings %s to registration', (path) => expect(routed(path)).toBe('REGISTRATION_HTTP'));

  it('has no route that leads to nobody, and tries them with the one for everything last', () => {
    expect(handled.map(({ matcher }) => matcher)).toEqual([...matchers.map(({ name }) => name), undefined]);
  });

  it('keeps what operators ask to itself', () => {
    expect(routed('/metrics')).toBe('AUTHENTICATION_HTTP'); // where there is no such route: it is on the operators' port alone
    expect(text).not.toContain('operators');
  });
});
