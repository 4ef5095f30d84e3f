export { type Checked, type Fact, type Life, type Scenario, seeded } from './scenario.js';
