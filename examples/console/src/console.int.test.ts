import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { escaped, page } from './html.js';
import { isOurs, listen, type Listening } from './local-server.js';
import { portOf } from './port.option.js';
import { printer, problemNews } from './printer.js';

describe('what the examples say', () => {
  it('is a line for people, or one of JSON for programs', () => {
    const lines: string[] = [];
    printer(false, (line) => lines.push(line))({ kind: 'ready', port: 1 } as { kind: string });
    printer(true, (line) => lines.push(line))({ kind: 'ready', port: 1 } as { kind: string });
    expect(lines[0]).toMatch(/^\d{4}-.*Z ready port=1$/);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ kind: 'ready', port: 1 });
  });

  it('leaves out an error that may quote somebody', () => {
    const problem = { following: 'customers', topic: 't', partition: 0, offset: '1', key: 'ida', reason: 'Error', attempt: 1, error: new Error('ida@example.org') };
    expect(problemNews(problem)).toMatchObject({ kind: 'problem', key: 'ida', reason: 'Error' });
    expect(JSON.stringify(problemNews(problem))).not.toContain('@');
  });

  it('shows what people call themselves as text, whatever it is', () => {
    expect(escaped(`<script>"'&`)).toBe('&lt;script&gt;&quot;&#39;&amp;');
    expect(page('<b>', '<h1>Hello</h1>')).toContain('<title>&lt;b&gt;</title>');
  });
});

describe('where the examples listen', () => {
  let server: Listening;
  beforeAll(async () => void (server = await listen(0, (_, response) => response.end())));
  afterAll(() => server.close());

  it.each([
    ['127.0.0.1:3100', true],
    ['localhost', true],
    ['[::1]:3100', true],
    ['rebound.example', false],
    ['127.0.0.1.rebound.example', false],
  ])('%s is one of our names: %s', (host, ours) => {
    expect(isOurs({ headers: { host } })).toBe(ours);
  });

  it('is said when it is in use', async () => {
    await expect(listen(server.port, () => undefined)).rejects.toThrow(`Port ${server.port} is in use; choose another with --port`);
  });

  it('is a port, or nothing', () => {
    expect([portOf(undefined), portOf('0'), portOf('65535')]).toEqual([undefined, 0, 65_535]);
    for (const wrong of ['x', '-1', '70000', '1.5']) expect(() => portOf(wrong)).toThrow('--port must be a number from 0 to 65535');
  });
});
