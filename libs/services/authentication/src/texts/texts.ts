import type { Language } from '@kendt/nest';
import { da } from './da.js';
import { en, type Texts } from './en.js';

const languages: Readonly<Record<Language, Texts>> = { da, en };

export const textsIn = (language: Language): Texts => languages[language];
export type { Texts };
