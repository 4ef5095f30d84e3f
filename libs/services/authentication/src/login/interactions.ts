import { Inject, Injectable } from '@nestjs/common';
import { type Accent, type Config, CONFIG, Directory, type Language, language, Problem } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors, type InteractionResults, type Provider } from 'oidc-provider';
import { OidcProviders } from '../oidc/oidc.providers.js';
import { atPublicUrl } from '../oidc/oidc.raw.js';
import { asRefusal } from '../oidc/unavailable.js';

/** What a page in the name of a client looks like. */
export interface Look {
  readonly name: string;
  readonly brand?: { readonly name: string; readonly accent?: Accent };
}

/** Somebody is asked to sign in, for a client. */
export interface LoginRequest {
  readonly uid: string;
  readonly clientId: string;
  readonly look: Look;
  readonly lang: Language;
  readonly prompt: string;
  readonly loginHint?: string;
  /** Where the browser goes once it is through: forms must be allowed to end there. */
  readonly targets: readonly string[];
}

/** The provider's interactions: a login page is open for half an hour, to the browser that began it. */
@Injectable()
export class Interactions {
  constructor(
    @Inject(OidcProviders) private readonly providers: OidcProviders,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws Problem LOGIN_EXPIRED when there is none, or it is another browser's. */
  async of(request: FastifyRequest, reply: FastifyReply): Promise<LoginRequest> {
    const { uid, params, prompt } = await this.#details(request, reply);
    if (uid !== (request.params as { uid?: string }).uid) throw expired();
    const clientId = String(params['client_id']);
    const { lang } = (request.query ?? {}) as { lang?: unknown };
    return {
      uid,
      clientId,
      look: this.look(clientId),
      lang: language({ headers: request.headers, query: { lang, ui_locales: params['ui_locales'] } }),
      prompt: prompt.name,
      ...(typeof params['login_hint'] === 'string' && { loginHint: params['login_hint'].slice(0, 254) }),
      targets: typeof params['redirect_uri'] === 'string' ? [new URL(params['redirect_uri']).origin] : [],
    };
  }

  look(clientId: string): Look {
    const client = this.directory.client(clientId);
    const brand = client?.brandId === undefined ? undefined : this.directory.brand(client.brandId);
    return { name: client?.name ?? 'Kendt', ...(brand && { brand: { name: brand.name, accent: brand.look as Accent } }) };
  }

  /** Gives the address where the browser goes on. */
  async finish(request: FastifyRequest, reply: FastifyReply, result: InteractionResults): Promise<string> {
    try {
      return await this.providers.current.interactionResult(atPublicUrl(request.raw, this.config), reply.raw, result);
    } catch (cause) {
      throw translated(cause);
    }
  }

  async #details(request: FastifyRequest, reply: FastifyReply): ReturnType<Provider['interactionDetails']> {
    try {
      return await this.providers.current.interactionDetails(request.raw, reply.raw);
    } catch (cause) {
      throw translated(cause);
    }
  }
}

const expired = (cause?: unknown): Problem => new Problem(410, 'LOGIN_EXPIRED', 'This sign-in has expired, or belongs to another browser', { cause });
const translated = (error: unknown): unknown => (error instanceof errors.SessionNotFound ? expired(error) : asRefusal(error));
