import { configHelp } from '@kendt/nest';

export const help = (): string => `Kendt, all services in one process.

  npm start            starts it; Ctrl-C stops it
  npm start -- --help  shows this

Settings come from the environment:

${configHelp()}
`;
