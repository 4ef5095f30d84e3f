import preset from '../../../jest.preset.mjs';

export default preset('registration-service');
