import preset from '../../../jest.preset.mjs';

export default preset('by-url');
