import { expect, it } from '@jest/globals';
import { readOptions } from './webshop.options.js';

it('the options of the web shop have defaults, are read, and are refused with a sentence', () => {
  expect(readOptions([])).toEqual({ topics: 'sqlite:data/topics.db', dir: 'data/webshop', system: 'webshop', brand: 'fjord', port: undefined, json: false });
  expect(readOptions(['--help'])).toBe('help');
  expect(readOptions(['--brand', 'lund', '--port', '0', '--json'])).toMatchObject({ brand: 'lund', port: 0, json: true });
  expect(() => readOptions(['--colour', 'red'])).toThrow();
});
