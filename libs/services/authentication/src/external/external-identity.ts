/** Who somebody is at another provider. `emailVerified` is the provider's word, never ours. */
export interface ExternalIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly email?: string;
  readonly emailVerified: boolean;
  readonly name?: { readonly given: string; readonly family: string };
}

/** What must be kept between leaving for the provider and coming back. */
export type Kept = Readonly<Record<string, string>>;

/** One way to another provider and back. */
export interface ExternalRoute {
  begin(state: string, callbackUrl: string): Promise<{ readonly url: string; readonly keep: Kept }>;
  /** @throws Error when the provider refused, or the answer is not one to ours. */
  finish(answer: URL, state: string, keep: Kept, callbackUrl: string): Promise<ExternalIdentity>;
}
