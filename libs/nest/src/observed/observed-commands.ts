import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { Metrics } from '../operators/metrics.js';
import { METRICS, TRACING } from '../tokens.js';
import type { Tracing } from '../tracing/tracing.js';
import { outcomeOf, secondsSince } from './observer.js';

/** Every command that a bus of this process is handed: timed, and a span. Queries are told apart by their routes. */
@Injectable()
export class ObservedCommands implements OnModuleInit {
  constructor(
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {}

  onModuleInit(): void {
    for (const bus of this.#buses()) {
      const execute: (command: object) => Promise<unknown> = bus.execute.bind(bus);
      bus.execute = (command: object): Promise<never> => this.#observe(command.constructor.name, () => execute(command)) as Promise<never>;
    }
  }

  /** None where no service has commands. */
  #buses(): readonly CommandBus[] {
    try {
      return this.modules.get(CommandBus, { strict: false, each: true });
    } catch {
      return [];
    }
  }

  async #observe(command: string, work: () => Promise<unknown>): Promise<unknown> {
    const begun = performance.now();
    let outcome = 'ok';
    try {
      return await this.tracing.inSpan({ name: command, attributes: { 'kendt.command': command } }, work);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      this.metrics.observe('kendt_command_seconds', { command, outcome }, secondsSince(begun));
    }
  }
}
