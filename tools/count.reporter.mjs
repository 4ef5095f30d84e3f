// A jest reporter that leaves the counts of a run in the file named by TEST_REPORT.
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onRunComplete(_projects, { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, numTotalTestSuites }) {
    const counts = {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests,
      brokenFiles: numRuntimeErrorTestSuites,
      files: numTotalTestSuites,
    };
    writeFileSync(process.env.TEST_REPORT, JSON.stringify(counts));
  }
}
