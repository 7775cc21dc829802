// SPDX-License-Identifier: GPL-3.0-or-later
//
// Holds every request that the client can send, and the simulated tenant's answers, against what
// Microsoft published. Arguments: the program that sends them, the source tree.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { differences, finish, report, skip } from '../peers/tap.mjs';
import { nameOf, readRecord } from './record.mjs';
import { checkBlob, indexOperations, strangeQuery, strangeValuesOf } from './swagger.mjs';

const [drive, source] = process.argv.slice(2);
const shared = process.env.LEEWAY_SHARED || join(source, '..', 'shared');
const specification = resolve(shared, 'azure/openapi/specification');

/** Lets the client send all it can, and gives what the tenant wrote down. */
function makeRecord() {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-contracts-'));
  const file = join(folder, 'record.jsonl');
  try {
    const run = spawnSync(drive, [], {
      env: { ...process.env, LEEWAY_RECORD: file, G_MESSAGES_DEBUG: '' }, encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const failed = run.stdout.split('\n').filter((line) => /^(not ok|Bail out)/.test(line));
    report('the client sends every request that it can',
      run.status === 0 ? failed : [`it ended with ${run.status ?? run.signal}`, ...failed]);
    return existsSync(file) ? readRecord(file) : [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/* Contracts */

async function checkContracts(pairs) {
  const { checkMutations, checkPair, makeValidator, unneeded } = await import('./openapi.mjs');
  const validator = await makeValidator(specification);
  const index = indexOperations(specification);
  const operations = new Map();
  const undescribed = new Set();
  const needed = new Set();
  const note = (name, problems) => {
    operations.set(name, operations.get(name) ?? { count: 0, problems: [] });
    operations.get(name).count += 1;
    operations.get(name).problems.push(...problems);
  };
  for (const pair of pairs) {
    if (pair.kind === 'blob') {
      const { name, problems } = checkBlob(pair, index, '2024-08-04');
      if (name === undefined)
        undescribed.add(nameOf(pair));
      else
        note(`${name} 2024-08-04`, problems);
    } else if (pair.kind === 'arm') {
      const { operation, problems, laterQuery } = await checkPair(validator, pair, needed);
      if (operation === undefined)
        undescribed.add(nameOf(pair));
      else
        note(operation, [...problems, ...strangeValuesOf(pair, index.get(operation)),
          ...strangeQuery(pair, index.get(operation), laterQuery)]);
    } else {
      undescribed.add(nameOf(pair));
    }
  }
  for (const [name, { count, problems }] of [...operations].sort())
    report(`${name}, ${count} times`, problems);
  report('the checks notice what is wrong', await checkMutations(validator, pairs));
  report('values and parameters that are not declared are noticed', checkStrange(pairs, index));
  report('nothing is allowed that need not be', unneeded(pairs, needed));
  return { described: [...operations.keys()].sort(), undescribed: [...undescribed].sort() };
}

/** Whether the check of enumerations would notice. */
function checkStrange(pairs, index) {
  const good = pairs.find((pair) => pair.liveRequest.method === 'PUT' && pair.kind === 'arm' &&
    pair.liveResponse.statusCode === '201');
  const operation = index.get(
    `PolicyExemptions_CreateOrUpdate ${good?.url.searchParams.get('api-version')}`);
  if (good === undefined || operation === undefined)
    return ['there is no pair to make wrong'];
  const bad = { ...structuredClone({ ...good, url: undefined }), url: good.url };
  bad.liveRequest.body.properties.exemptionCategory = 'Forgotten';
  bad.liveResponse.body.properties.exemptionCategory = 'waiver';
  const found = strangeValuesOf(bad, operation);
  bad.url = new URL(good.url);
  bad.url.searchParams.set('$filtre', 'atScope()');
  found.push(...strangeQuery(bad, operation, []));
  return found.length === 2 && found[0].includes('Forgotten') && found[1].includes('$filtre') ? []
    : [`expected “Forgotten” and $filtre, found: ${found.join('; ') || 'none'}`];
}

function checkList({ described, undescribed }) {
  const file = join(import.meta.dirname, 'requests.txt');
  const kept = readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  const found = [...described.map((name) => `checked ${name}`),
    ...undescribed.map((name) => `not described: ${name}`)];
  for (const name of undescribed)
    console.error(`not described by the published files: ${name}`);
  if (process.env.LEEWAY_PRINT_REQUESTS)
    process.stderr.write(`${found.join('\n')}\n`);
  report('what is checked, and what the files do not describe, is as listed in requests.txt',
    differences(found, kept, 'sent'));
}

/** Every api-version and every provider's path in the client's source is in the record. */
function checkSource(pairs) {
  const folder = join(source, 'src', 'azure');
  const sent = pairs.map((pair) => decodeURIComponent(pair.liveRequest.url).toLowerCase() +
    ` ${pair.liveRequest.headers?.['x-ms-version'] ?? ''}`);
  const problems = [];
  let found = 0;
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.c'))) {
    const text = readFileSync(join(folder, name), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const strings = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((match) => match[1]);
    for (const string of strings) {
      const wanted = [...string.matchAll(/\b20\d\d-\d\d-\d\d(?:-preview)?\b|\/providers\/[\w.]+\/[\w/]+|\/v1\.0\/\w+/g)];
      for (const [text_] of wanted) {
        found += 1;
        if (!sent.some((one) => one.includes(text_.toLowerCase())))
          problems.push(`${name} has “${text_}”, which no request in the record has`);
      }
    }
  }
  report('every version and provider in the client’s source was sent',
    found > 10 ? problems : ['the source was not understood']);
}

/* Queries */

/* What the readers take from a row, and of what type. */
const READ = {
  policyexemptions: { id: 'string', name: 'string', properties: 'dynamic', systemData: 'dynamic' },
  policyassignments: { id: 'string', name: 'string', properties: 'dynamic' },
  resourcecontainers: {
    id: 'string', name: 'string', type: 'string', location: 'string', tags: 'dynamic',
    properties: 'dynamic',
  },
  resources: {
    id: 'string', name: 'string', type: 'string', location: 'string', tags: 'dynamic',
    subscriptionId: 'string',
  },
};

const readBy = (query) => READ[Object.keys(READ).find((name) =>
  new RegExp(`(^|/)${name}\\b`).test(query))];

async function checkQueries(pairs) {
  const { analyse, checkBadQueries, checkRows, shapeOf } = await import('./kusto.mjs');
  const shapes = new Map();
  const typed = new Set();
  for (const pair of pairs.filter((one) => /ResourceGraph\/resources$/i.test(one.url.pathname))) {
    const { query } = pair.liveRequest.body;
    const { problems, columns, literals } = analyse(query);
    const shape = shapeOf(query, literals);
    const rows = pair.liveResponse.body.data ?? [];
    const seen = shapes.get(shape) ?? { rows: 0, columns, problems: new Set() };
    for (const problem of [...problems, ...checkRows(rows, columns)])
      seen.problems.add(`${problem} — in ${query}`);
    for (const [name, type] of Object.entries(readBy(shape) ?? { unknown: 'to this test' }))
      if (columns[name] !== type)
        seen.problems.add(`the reader takes ${name} as ${type}; the query gives ${columns[name]}`);
    seen.rows += rows.length;
    shapes.set(shape, seen);
    literals.forEach((one) => typed.add(one.value));
  }
  for (const [shape, { rows, problems }] of shapes)
    report(`query: ${shape.replaceAll('#', '')}`,
      rows > 0 ? [...problems] : [...problems, 'no answer has a row']);
  const documented = [...readFileSync(join(source, 'data/demo/queries.md'), 'utf8')
    .matchAll(/```kusto\n([^`]*)```/g)].map((match) => match[1].replace(/\s+/g, ' ').trim());
  report('the queries are those of data/demo/queries.md',
    differences([...shapes.keys()].sort(), documented.sort(), 'sent'));
  report('what people type stays inside its literal',
    ['it\'s', '\\', '\\\'', '\' or 1 == 1 //', '"; resources | take 1 //', 'a%20b\'\'\'']
      .filter((text) => !typed.has(text)).map((text) => `“${text}” did not arrive as it was typed`));
  report('the checks of queries notice what is wrong', checkBadQueries());
}

if (!existsSync(specification)) {
  skip('LEEWAY_SHARED names no folder with the published files');
} else {
  const pairs = makeRecord();
  checkList(await checkContracts(pairs));
  checkSource(pairs);
  await checkQueries(pairs);
  finish();
}
