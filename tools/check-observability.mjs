// The alert rules and the dashboard of deploy/observability: every PromQL expression parses, every metric and label in it is one that
// Kendt shows (docs/metrics.md), and every runbook is a section that exists. That a running Kendt shows them is a test of e2e.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { metricCatalogue } from '../libs/nest/dist/operators/metric-catalogue.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');

/** What Prometheus itself adds. */
const ownMetrics = { up: [] };
const ownLabels = ['job', 'instance', 'le'];

const suffixes = { histogram: ['_bucket', '_sum', '_count'], gauge: [''], counter: [''] };
const labelsOf = { ...ownMetrics, ...Object.fromEntries(Object.entries(metricCatalogue).flatMap(([name, { kind, labels }]) => suffixes[kind].map((suffix) => [name + suffix, labels]))) };

/** Grafana puts these in before Prometheus sees the expression. */
const filledIn = (expression) => expression.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'kendt');

/** All mistakes of one expression. */
export function mistakesIn(expression) {
  const text = filledIn(expression);
  const [mistakes, metrics, labels] = [[], new Set(), new Set()];
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      const part = text.slice(from, to);
      if (type.isError) mistakes.push(`does not parse at ${from + 1}`);
      else if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.add(part);
      else if (name === 'LabelName') labels.add(part);
    },
  });
  for (const metric of metrics) if (!(metric in labelsOf)) mistakes.push(`there is no metric ${metric}`);
  const known = [...ownLabels, ...[...metrics].flatMap((metric) => labelsOf[metric] ?? [])];
  for (const label of labels) if (!known.includes(label)) mistakes.push(`none of its metrics has a label ${label}`);
  return mistakes;
}

const anchorsOf = (path) => [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));

function runbookMistakes(runbook = '') {
  const [path, anchor] = runbook.split('#');
  try {
    return anchorsOf(path).includes(anchor) ? [] : [`there is no section ${runbook}`];
  } catch {
    return [`there is no runbook ${runbook}`];
  }
}

const duration = /^(\d+(ms|[smhdwy]))+$/;

function ruleMistakes({ alert, expr, for: wait, labels, annotations, ...rest }) {
  const said = [
    !/^Kendt[A-Za-z]+$/.test(alert ?? '') && 'its name does not begin with Kendt',
    wait !== undefined && !duration.test(wait) && `${wait} is no duration`,
    !['page', 'ticket'].includes(labels?.severity) && 'its severity is neither page nor ticket',
    !(annotations?.summary && annotations.description) && 'it says neither what is wrong nor where',
    Object.keys(rest).length > 0 && `it has more than a rule has: ${Object.keys(rest)}`,
  ];
  return [...said.filter(Boolean), ...mistakesIn(expr ?? ''), ...runbookMistakes(annotations?.runbook)];
}

const { groups } = parse(read('deploy/observability/alerts.yaml'));
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('deploy/observability/dashboard.json'));
const targets = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

const mistakes = [
  ...rules.flatMap((rule) => ruleMistakes(rule).map((mistake) => `alerts.yaml, ${rule.alert}: ${mistake}`)),
  ...targets.flatMap(({ title, expr }) => mistakesIn(expr).map((mistake) => `dashboard.json, ${title}: ${mistake}`)),
  ...[...new Set(rules.map(({ alert }) => alert))].length === rules.length ? [] : ['alerts.yaml: two rules have one name'],
  ...new Set(panels.map(({ id }) => id)).size === panels.length ? [] : ['dashboard.json: two panels have one id'],
];
for (const mistake of mistakes) console.error(mistake);
if (mistakes.length === 0) console.log(`${rules.length} alert rules and ${targets.length} expressions of the dashboard, all of metrics that there are.`);
process.exitCode = mistakes.length === 0 ? 0 : 1;
