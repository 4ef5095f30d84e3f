import { describe, expect, it } from '@jest/globals';
import { readOptions } from './crm.options.js';

describe('the options of the CRM', () => {
  it('have defaults', () => {
    expect(readOptions([])).toEqual({ topics: 'sqlite:data/topics.db', dir: 'data/crm', system: 'crm', brands: undefined, port: undefined, json: false });
    expect(readOptions(['--help'])).toBe('help');
  });

  it('are read', () => {
    expect(readOptions(['--brands', 'fjord,lund', '--port', '0', '--json'])).toMatchObject({ brands: ['fjord', 'lund'], port: 0, json: true });
  });

  it.each([[['--port', 'x']], [['--port', '70000']], [['--colour', 'red']], [['stray']]])('%j are refused with a sentence', (args) => {
    expect(() => readOptions(args)).toThrow();
  });
});
