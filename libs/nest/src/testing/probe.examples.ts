import { Body, Controller, Delete, Get, HttpCode, Inject, Injectable, Module, type OnModuleInit, Post, Query, Req, Res } from '@nestjs/common';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { type EventStore, randomId } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, of } from 'rxjs';
import { z } from 'zod';
import {
  After, type Caller, commandContext, Csrf, CurrentCaller, CustomerIdParam, EVENT_STORE, Followers, GrpcCall, html, language, OwnAccount, Page, page, positioned, Public, RateLimited, RawRoutes, Scopes, seeOther,
} from '../index.js';

const Note = z.strictObject({ text: z.string().min(1).max(20), email: z.string().optional(), nested: z.strictObject({ tag: z.literal('a') }).optional() });
type Note = z.infer<typeof Note>;

/** Refuses, fails and answers on demand: what the edge makes of it is what the tests look at. */
@Injectable()
export class Notes {
  written = 0;
  hold: Promise<void> = Promise.resolve();

  constructor(@Inject(EVENT_STORE) private readonly events: EventStore) {}

  async write({ text }: Note, caller: Caller | undefined, source: FastifyRequest | Metadata): Promise<string> {
    await this.hold;
    if (text === 'refused') throw new Refusal('NOTE_REFUSED', 'Not this one');
    if (text === 'gone') throw new Refusal('NOTE_GONE', 'It is over', 'gone');
    if (text === 'busy') throw new Refusal('STORE_BUSY', 'One moment', 'busy');
    if (text === 'broken') throw new Error('cannot handle ida.holm@example.org');
    this.written += 1;
    const context = commandContext(caller, source);
    const metadata = { ...context, correlationId: context.commandId, causationId: context.commandId, actorKind: context.actor.kind, actorId: context.actor.id };
    const { actor: _, ...flat } = metadata;
    const event = { id: randomId(), type: 'Noted', data: {}, metadata: { ...flat, recordedAt: new Date(0).toISOString(), schemaVersion: '1' } };
    return (await this.events.append([{ stream: 'note-1', expected: 'any', events: [event] }])).position;
  }
}

@Controller('v1')
export class NotesController {
  constructor(
    @Inject(Notes) private readonly notes: Notes,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  @Post('notes')
  @Scopes('notes:write')
  @HttpCode(202)
  async write(@Body({ schema: Note }) note: Note, @CurrentCaller() caller: Caller, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    positioned(reply, await this.notes.write(note, caller, request));
    return { written: this.notes.written };
  }

  @Get('notes')
  @Scopes('notes:read')
  async list(@After() after: string | undefined): Promise<object> {
    await this.followers.caughtUpWith('notes@1', after);
    return { written: this.notes.written };
  }

  @Delete('notes/:noteId')
  @Scopes('notes:write')
  @HttpCode(204)
  remove(): void {}

  @Get('customers/:id')
  @Scopes('notes:read')
  customer(@CustomerIdParam() customerId: string, @CurrentCaller() caller: Caller): object {
    return { customerId, kind: caller.kind };
  }

  @Post('register')
  @Public()
  @RateLimited({ perAddress: 'register', perIdentifier: 'email' })
  register(@Body({ schema: Note }) _note: Note): object {
    return { status: 'confirmation-sent' };
  }
}

@Public()
@Controller()
export class ProbePages {
  constructor(@Inject(Csrf) private readonly csrf: Csrf) {}

  @Get('form')
  @Page()
  form(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Query('name') name?: string): string {
    const lang = language(request);
    return page({ title: lang === 'da' ? 'Hej' : 'Hello', lang, body: html`<p>${name}</p><form method="post">${this.csrf.field(request, reply)}<button>OK</button></form>` });
  }

  @Post('form')
  @Page()
  sent(@Body({ schema: z.strictObject({ text: z.string() }) }) { text }: { text: string }, @Res({ passthrough: true }) reply: FastifyReply): string {
    if (text === 'away') return seeOther(reply, '/form');
    return page({ title: 'Sent', lang: 'en', body: text });
  }
}

@Controller()
export class ProbeGrpc {
  constructor(@Inject(Notes) private readonly notes: Notes) {}

  @GrpcMethod('Probe', 'Note')
  @Scopes('notes:write')
  async note(@Payload({ schema: Note }) note: Note, @Ctx() metadata: Metadata, @CurrentCaller() caller: Caller, @GrpcCall() call: ServerUnaryCall<unknown, unknown>): Promise<object> {
    positioned(call, await this.notes.write(note, caller, metadata));
    return { id: String(this.notes.written) };
  }

  @GrpcMethod('Probe', 'Fail')
  @Scopes('notes:write')
  @OwnAccount()
  fail(): object {
    throw new Error('cannot handle ida.holm@example.org');
  }

  @GrpcMethod('Probe', 'Watch')
  @Scopes('notes:read')
  watch(): Observable<object> {
    return of({ id: '1' }, { id: '2' });
  }
}

@Module({ controllers: [NotesController, ProbePages, ProbeGrpc], providers: [Notes], exports: [Notes] })
export class ProbeModule implements OnModuleInit {
  constructor(
    @Inject(Followers) private readonly followers: Followers,
    @Inject(RawRoutes) private readonly rawRoutes: RawRoutes,
  ) {}

  onModuleInit(): void {
    this.followers.add({ name: 'notes@1', categories: ['note'], handle: async () => undefined });
    this.rawRoutes.add(['/raw'], (request, response) => {
      response.setHeader('content-type', 'text/plain');
      request.pipe(response);
    });
  }
}
