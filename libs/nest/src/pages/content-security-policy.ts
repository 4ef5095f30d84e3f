import type { FastifyReply } from 'fastify';

/** Nothing runs and nothing is loaded but our own style sheet and images. */
export const contentSecurityPolicy = (formTargets: readonly string[]): Record<string, string[]> => ({
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'form-action': ["'self'", ...formTargets],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
});

/** A form that ends in a redirect elsewhere (Chromium holds redirects to `form-action` too): names the origins it may go to. */
export const allowFormTargets = (reply: FastifyReply, origins: readonly string[]): void => {
  const safe = origins.map((origin) => new URL(origin).origin).filter((origin) => origin !== 'null');
  const policy = Object.entries(contentSecurityPolicy(safe)).map(([name, values]) => [name, ...values].join(' '));
  reply.header('content-security-policy', policy.join(';'));
};
