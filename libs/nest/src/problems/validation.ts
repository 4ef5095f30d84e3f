import { type PipeTransform, StandardSchemaValidationPipe } from '@nestjs/common';
import { fieldErrors } from '@kendt/contracts';
import { Problem } from './problem.js';

type Issues = Parameters<typeof fieldErrors>[0];

/** Checks every argument whose route carries a schema; what does not fit is refused with a pointer per mistake. */
export const validationPipe = (): PipeTransform => new StandardSchemaValidationPipe({ exceptionFactory: bodyInvalid });

const most = 50;

/** For who parses something else than an argument: `const read = schema.safeParse(...); if (!read.success) throw bodyInvalid(read.error.issues)`. */
export const bodyInvalid = (issues: Issues): Problem =>
  new Problem(422, 'BODY_INVALID', 'Some of what was sent is not as it should be', { errors: fieldErrors(issues.slice(0, most)).slice(0, most) });
