/** Where the values of each label come from: all of them are few, and none names a customer. */
export const metricLabels = {
  code: 'a stable code from [problems.md](problems.md), or the name of a gRPC status',
  command: 'the class of a command, such as `RegisterFullCommand`',
  method: 'of HTTP, or the full name of a gRPC method; of a sign-in: `password`, `sso` (a session was there) or `external`',
  name: 'of the follower, view, lease or consumer group, as in `/health/ready`. Views end with `@` and a version, publishers begin with `publish-`',
  outcome: '`ok`, or what came instead: see the metric',
  part: 'as in `/health/ready`',
  reason: 'why a message was given up: the code of a dead letter',
  result: '`hit` or `miss`',
  route: 'the pattern of the route, never the path; `(none)` where there is no such route',
  status: 'the class of the HTTP status: `2xx`, `3xx`, `4xx`, `5xx`',
  system: 'a system of the group, from the configuration files',
  topic: 'the name of a topic',
} as const;

export type MetricLabel = keyof typeof metricLabels;
type Kind = 'histogram' | 'gauge' | 'counter';

export interface MetricEntry<K extends Kind = Kind> {
  readonly kind: K;
  readonly meaning: string;
  readonly labels: readonly MetricLabel[];
}

const entry =
  <K extends Kind>(kind: K) =>
  (meaning: string, ...labels: MetricLabel[]): MetricEntry<K> => ({ kind, meaning, labels });
const [histogram, gauge, counter] = [entry('histogram'), entry('gauge'), entry('counter')];

/** Every number that a process shows. Dashboards and alerts rely on the names: they are a promise, as a route is. */
export const metricCatalogue = {
  kendt_http_request_seconds: histogram('Time to answer a REST request or a page', 'method', 'route', 'status'),
  kendt_http_problems_total: counter('REST requests that were answered with a problem', 'code'),
  kendt_grpc_call_seconds: histogram('Time to answer a gRPC call', 'method', 'code'),
  kendt_command_seconds: histogram('Time to decide on a command and to append what follows; the outcome is `ok` or a code', 'command', 'outcome'),
  kendt_append_seconds: histogram('Time until the event store has kept what was appended; the outcome is `ok`, `conflict` (somebody was faster) or a code', 'outcome'),
  kendt_append_events_total: counter('Events that were appended'),
  kendt_append_waiting: gauge('Appends that the event store has not answered yet'),
  kendt_follower_caught_up: gauge('Whether a follower has read all history', 'name'),
  kendt_follower_events_total: counter('Events that a follower has taken', 'name'),
  kendt_follower_lag_events: gauge('Events in the log behind a follower; those of other categories count as well. Missing where the positions of the event store do not count events', 'name'),
  kendt_follower_lag_seconds: gauge('Age of the oldest event that a follower may not have handled; 0 when none waits', 'name'),
  kendt_follower_parked_events: gauge('Events that a follower could not handle, or that wait behind one', 'name'),
  kendt_follower_seconds_since_batch: gauge('Seconds since a follower last moved; high is normal when nothing happens', 'name'),
  kendt_view_rebuild_progress_ratio: gauge('How much of the log a build of a view has read, 0 to 1; there while one is built', 'name'),
  kendt_publish_seconds: histogram('Time until the topics have kept what was published; the outcome is `ok` or a code', 'outcome'),
  kendt_published_messages_total: counter('Messages that were published', 'topic'),
  kendt_consumer_running: gauge('Whether a consumer is connected', 'name'),
  kendt_consumer_message_seconds: histogram('Time to handle a message of another system; the outcome is `ok`, `set_aside` (tried again later, or behind one that is) or `dead_letter`', 'name', 'outcome'),
  kendt_consumer_lag_messages: gauge('Messages that a consumer has not taken yet', 'name', 'topic'),
  kendt_consumer_waiting_keys: gauge('Customers of whom a message could not be handled yet, so that their later ones wait', 'name'),
  kendt_consumer_retried_total: counter('Messages that could not be handled at once', 'name', 'topic'),
  kendt_consumer_dead_letters_total: counter('Messages that a consumer gave up', 'name', 'topic', 'reason'),
  kendt_lease_held: gauge('Whether this process holds a lease: 0 where it stands by', 'name'),
  kendt_lease_taken_total: counter('How often this process took a lease. One that is taken again and again flaps', 'name'),
  kendt_key_cache_requests_total: counter('Keys of customers that were wanted, and whether they were in memory', 'result'),
  kendt_erasure_tasks_open: gauge('Erasure tasks that a system has not answered yet', 'system'),
  kendt_erasure_tasks_overdue: gauge('Erasure tasks that a system should have answered by now', 'system'),
  kendt_logins_total: counter('Tries to sign in; the outcome is `ok`, `wrong`, `locked` or `unverified` (the address is not confirmed)', 'method', 'outcome'),
  kendt_part_ok: gauge('Whether a part is as it should be, as in `/health/ready`', 'part'),
  kendt_data_free_bytes: gauge('Room on the disk of `DATA_DIR`; missing where there is no such folder'),
  kendt_spans_total: counter('Spans of traces: the outcome is `sent`, or `lost` where the collector did not take them', 'outcome'),
  process_cpu_seconds_total: counter('Processor time of this process'),
  process_resident_memory_bytes: gauge('Memory of this process'),
  process_start_time_seconds: gauge('When this process started, in seconds since 1970'),
} as const;

export type MetricName = keyof typeof metricCatalogue;
export type MetricOf<K extends Kind> = { [N in MetricName]: (typeof metricCatalogue)[N] extends MetricEntry<K> ? N : never }[MetricName];
