import { type Command, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';
import { hasSeen, type SeenIds, withId } from './seen-ids.js';

export interface PurchaseLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Minor units. */
  readonly price: number;
}

/** What was bought: personal data, sealed as the group `purchases`. `total` in minor units of `currency` (ISO 4217). */
export interface Purchase {
  readonly orderNumber: string;
  readonly purchasedAt: string;
  readonly currency: string;
  readonly total: number;
  readonly lines: readonly PurchaseLine[];
}

interface Source {
  readonly purchaseId: string;
  readonly brandId: string;
  /** The system or client that reported it. */
  readonly source: string;
  readonly channel: string;
}

export type PurchasesCommand = Command<'RecordPurchase', Source & { purchase: Purchase }> | Command<'ForgetPurchases', Record<never, never>>;

export type PurchasesEvent =
  | Event<'PurchaseRecorded', Source & { recordedAt: string }, { purchases: Purchase }>
  | Event<'PurchasesForgotten', { forgottenAt: string }>;

export interface Purchases {
  readonly status: 'kept' | 'forgotten';
  readonly recorded: SeenIds;
}

const initialState: Purchases = { status: 'kept', recorded: [] };

const decide = (command: PurchasesCommand, purchases: Purchases): readonly PurchasesEvent[] => {
  switch (command.type) {
    case 'RecordPurchase': {
      if (purchases.status === 'forgotten') throw new Refusal('CUSTOMER_ERASED', 'The customer was erased', 'gone');
      const { purchase, ...data } = command.data;
      if (hasSeen(purchases.recorded, data.purchaseId)) return [];
      return [{ type: 'PurchaseRecorded', data: { ...data, recordedAt: command.at }, personal: { purchases: purchase } }];
    }
    case 'ForgetPurchases':
      return purchases.status === 'kept' ? [{ type: 'PurchasesForgotten', data: { forgottenAt: command.at } }] : [];
    default:
      return unreachable(command);
  }
};

const evolve = (purchases: Purchases, event: PurchasesEvent): Purchases => {
  switch (event.type) {
    case 'PurchaseRecorded':
      return { ...purchases, recorded: withId(purchases.recorded, event.data.purchaseId) };
    case 'PurchasesForgotten':
      return { ...purchases, status: 'forgotten' };
    default:
      event satisfies never;
      return purchases;
  }
};

export const purchases: Decider<PurchasesCommand, PurchasesEvent, Purchases> = { initialState, decide, evolve };

export const purchasesStream = (customerId: string): string => `purchases-${customerId}`;
