import { type Command, type Decider, type Event } from '@kendt/kernel';
import { same } from './same.js';

interface BrandDescription {
  readonly name: string;
  /** One of the looks that the pages know. */
  readonly look: string;
  /** Where the privacy policy is read. */
  readonly contact: string;
}

export type BrandCommand = Command<'DescribeBrand', BrandDescription>;

export type BrandEvent = Event<'BrandOpened', BrandDescription & { openedAt: string }> | Event<'BrandChanged', BrandDescription & { changedAt: string }>;

export type Brand = { readonly status: 'absent' } | { readonly status: 'open'; readonly description: BrandDescription };

const initialState: Brand = { status: 'absent' };

const decide = (command: BrandCommand, brand: Brand): readonly BrandEvent[] => {
  if (brand.status === 'absent') return [{ type: 'BrandOpened', data: { ...command.data, openedAt: command.at } }];
  if (same(brand.description, command.data)) return [];
  return [{ type: 'BrandChanged', data: { ...command.data, changedAt: command.at } }];
};

const evolve = (brand: Brand, event: BrandEvent): Brand => {
  switch (event.type) {
    case 'BrandOpened':
    case 'BrandChanged': {
      const { name, look, contact } = event.data;
      return { status: 'open', description: { name, look, contact } };
    }
    default:
      event satisfies never;
      return brand;
  }
};

export const brand: Decider<BrandCommand, BrandEvent, Brand> = { initialState, decide, evolve };

export const brandStream = (brandId: string): string => `brand-${brandId}`;
