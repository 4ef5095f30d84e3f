import { readdirSync, readFileSync } from 'node:fs';
import type { MessageTypes } from './cloud-event.js';
import { erasureReceiptMessages, holdingMessages, purchaseMessages } from './inbound.messages.js';
import { consentMessages, customerMessages, erasureTaskMessages, profileMessages } from './outbound.messages.js';
import { packageFile } from './proto-file.js';

/** Every type of message there is, for tests. */
export const everyMessage: MessageTypes = {
  ...customerMessages,
  ...consentMessages,
  ...profileMessages,
  ...erasureTaskMessages,
  ...erasureReceiptMessages,
  ...holdingMessages,
  ...purchaseMessages,
};

export interface Golden {
  readonly file: string;
  readonly topic: string;
  readonly type: string;
  readonly data: { readonly customerId: string };
}

/** The samples of `golden/`: messages as they were promised. A sample is never changed; a new version gets a new one. */
export const goldenMessages = (): Golden[] =>
  readdirSync(packageFile('golden')).map((file) => ({
    file,
    ...(JSON.parse(readFileSync(packageFile(`golden/${file}`), 'utf8')) as Omit<Golden, 'file'>),
  }));
