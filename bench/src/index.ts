export { type Bench, isMet, type Measured, median, percentile, type Row, type Run } from './bench.js';
