import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { currentNotice, purpose, type PurposeCommand, type PurposeEvent, type Texts } from './purpose.js';

describe('a purpose', () => {
  it('is defined once, and again when something changed', () => {
    given(purpose)().when(define(['fjord'])).then(defined(['fjord']));
    given(purpose)(defined(['fjord'])).when(define(['fjord'])).thenNothing();
    given(purpose)(defined(['fjord'])).when(define(['fjord', 'lund'])).then(defined(['fjord', 'lund']));
  });

  it('publishes its notices one after the other', () => {
    given(purpose)(defined(['fjord'])).when(publish(1, 'one')).then(published(1, 'one'));
    given(purpose)(defined(['fjord']), published(1, 'one')).when(publish(2, 'two')).then(published(2, 'two'));
    given(purpose)(defined(['fjord']), published(1, 'one')).when(publish(3, 'three')).thenRefused('NOTICE_HISTORY_CHANGED');
    given(purpose)().when(publish(1, 'one')).thenRefused('PURPOSE_NOT_FOUND');
  });

  it('makes a new version of a changed text, and keeps the old one', () => {
    given(purpose)(defined(['fjord']), published(1, 'one')).when(publish(1, 'one')).thenNothing();
    given(purpose)(defined(['fjord']), published(1, 'one')).when(publish(1, 'one, corrected')).then(published(2, 'one, corrected'));
    given(purpose)(defined(['fjord']), published(1, 'one'), published(2, 'two')).when(publish(1, 'other')).thenRefused('NOTICE_HISTORY_CHANGED');
    expect(currentNotice(fold(purpose, [defined(['fjord']), published(1, 'one'), published(2, 'two')]))).toBe(2);
  });
});

const at = '2026-03-01T12:00:00.000Z';
const title: Texts = { da: 'Nyhedsbrev', en: 'Newsletter' };
const define = (brands: string[]): PurposeCommand => ({ type: 'DefinePurpose', at, data: { basis: 'consent', brands, title } });
const defined = (brands: string[]): PurposeEvent => ({ type: 'PurposeDefined', data: { basis: 'consent', brands, title, definedAt: at } });
const publish = (version: number, en: string): PurposeCommand => ({ type: 'PublishNotice', at, data: { version, texts: { en } } });
const published = (version: number, en: string): PurposeEvent => ({ type: 'NoticePublished', data: { version, texts: { en }, publishedAt: at } });
