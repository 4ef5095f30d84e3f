import { audit } from '@kendt/audit-service';
import { authentication } from '@kendt/authentication-service';
import { consent } from '@kendt/consent-service';
import { erasure } from '@kendt/erasure-service';
import type { Service } from '@kendt/nest';
import { profile } from '@kendt/profile-service';
import { registration } from '@kendt/registration-service';

export const services: readonly Service[] = [registration, authentication, consent, erasure, profile, audit];
