export interface Product {
  readonly sku: string;
  readonly name: string;
  /** Minor units. */
  readonly price: number;
}

export const currency = 'DKK';

export const products: readonly Product[] = [
  { sku: 'SOFA-3', name: 'Sofa for three', price: 899_900 },
  { sku: 'LAMP-1', name: 'Reading lamp', price: 64_900 },
  { sku: 'RUG-2', name: 'Woollen rug', price: 249_500 },
  { sku: 'CUP-6', name: 'Six cups', price: 29_900 },
];

/** `8,999.00 DKK` */
export const priceText = (minorUnits: number): string =>
  `${(minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
