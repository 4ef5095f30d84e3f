import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Directory, METRICS, type Metrics } from '@kendt/nest';
import { ErasureCases } from './erasure-cases.projection.js';

/** What the systems of the group owe. Every process that has the view shows it. */
@Injectable()
export class ErasureMetrics implements OnModuleInit {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
  ) {}

  onModuleInit(): void {
    const unanswered = this.metrics.fresh(() => Promise.all(this.directory.systems().map(async ({ id: system }) => ({ system, ...(await this.cases.unansweredOf(system)) }))));
    this.metrics.gauge('kendt_erasure_tasks_open', async () => (await unanswered()).map(({ system, open }) => ({ labels: { system }, value: open })));
    this.metrics.gauge('kendt_erasure_tasks_overdue', async () => (await unanswered()).map(({ system, overdue }) => ({ labels: { system }, value: overdue })));
  }
}
