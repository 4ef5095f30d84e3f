export { accessToken, type TokenWish } from './access-token.js';
export { memoryPorts, startTestService, type TestRequest, type TestService, type TestServiceOptions } from './test-service.js';
export { Tallies, TalliesModule, type Tally, tally, ToldTalliesModule } from './tallies.examples.js';
