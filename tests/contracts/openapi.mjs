// SPDX-License-Identifier: GPL-3.0-or-later
//
// Requests to Resource Manager and their answers, held by oav against the published files.

import { relative } from 'node:path';

import { peer } from '../peers/tap.mjs';
import { swaggerFiles } from './swagger.mjs';

const { LiveValidator } = peer('oav');
// it says on standard output what its answers say too
peer('oav/dist/lib/util/logging.js').log.transports.forEach((one) => { one.silent = true; });

/*
 * Versions that a cloud knows and the files at hand do not hold: held against the nearest one that
 * they do hold, but for the members that came in between.
 */
const ASSIGNMENTS = /\/policyAssignments(\/|$)/i;
const DEFINITIONS = /\/policy(Set)?Definitions(\/|$)/i;
const LATER = {
  members: /\/properties\/(instanceId|latestDefinitionVersion|effectiveDefinitionVersion)$/,
  query: ['$expand'],
};
const NEAREST = [
  { path: ASSIGNMENTS, version: '2021-06-01', nearest: '2023-04-01' },
  { path: ASSIGNMENTS, version: '2022-06-01', nearest: '2023-04-01' },
  ...['2024-05-01', '2025-03-01', '2025-11-01', '2026-06-01', '2026-07-01'].map((version) =>
    ({ path: ASSIGNMENTS, version, nearest: '2024-04-01', adds: LATER })),
  ...['2021-06-01', '2024-05-01', '2025-03-01', '2025-11-01'].map((version) =>
    ({ path: DEFINITIONS, version, nearest: '2023-04-01' })),
];

/*
 * Where the service itself departs from its files. An entry that nothing needs any longer is an
 * error, so that the list stays as short as it can be.
 */
const DEPARTURES = [
  {
    why: 'a list of one page has no nextLink, though the file requires it',
    side: 'response', operation: /^Subscriptions_List$/,
    code: 'OBJECT_MISSING_REQUIRED_PROPERTY', path: /^\/nextLink$/,
  },
  {
    why: 'sent on purpose, to see it refused',
    side: 'request', operation: /^PolicyExemptions_CreateOrUpdate$/, status: '400',
    code: 'OBJECT_MISSING_REQUIRED_PROPERTY',
    path: /^\/properties\/(exemptionCategory|policyAssignmentId)$/,
  },
];

export async function makeValidator(folder) {
  const validator = new LiveValidator({
    directory: folder,
    swaggerPathsPattern: swaggerFiles(folder).map((file) => relative(folder, file))
      .filter((file) => file.includes('/resource-manager/')),
    excludedSwaggerPathsPattern: [],
    git: { shouldClone: false },
    loadValidatorInBackground: false,
    loadValidatorInInitialize: true,
    isArmCall: true,
  });
  await validator.initialize();
  return validator;
}

const nearestFor = (url) => NEAREST.find((one) => one.path.test(url.pathname) &&
  one.version === url.searchParams.get('api-version'));

/** The pair as oav wants it. */
function forOav(pair) {
  const url = new URL(pair.url);
  const nearest = nearestFor(url);
  if (nearest !== undefined)
    url.searchParams.set('api-version', nearest.nearest);
  // the files' path of a resource names its parent too, which one at the top has not
  url.pathname = url.pathname.replace(/\/{2,}/g, '/').replace(
    /(\/resourceGroups\/[^/]+\/providers\/(?!Microsoft\.(?:Authorization|PolicyInsights))[^/]+)(\/[^/]+\/[^/]+\/providers\/Microsoft\.Authorization\/(?:permissions|policyAssignments|policyExemptions))$/i,
    '$1/parent$2');
  return {
    liveRequest: {
      method: pair.liveRequest.method, url: url.href,
      headers: pair.liveRequest.headers, body: pair.liveRequest.body,
    },
    liveResponse: {
      statusCode: pair.liveResponse.statusCode,
      headers: pair.liveResponse.headers, body: pair.liveResponse.body,
    },
  };
}

/** Whether an error is only that the stand-in does not know a member that the version asked for has. */
function isAddition(nearest, side, error) {
  return nearest?.adds !== undefined && side === 'response' &&
    error.code === 'OBJECT_ADDITIONAL_PROPERTIES' &&
    error.pathsInPayload.every((path) => nearest.adds.members.test(path));
}

function isDeparture(departure, side, pair, operation, error) {
  return departure.side === side && departure.operation.test(operation) &&
    departure.code === error.code &&
    (departure.status === undefined || departure.status === pair.liveResponse.statusCode) &&
    (error.pathsInPayload ?? []).length > 0 &&
    error.pathsInPayload.every((path) => departure.path.test(path));
}

/**
 * The operation that a pair is of, undefined where the files have none, and what is wrong with it.
 * The departures it needs are added to `needed`.
 */
export async function checkPair(validator, pair, needed = new Set()) {
  const live = forOav(pair);
  const result = await validator.validateLiveRequestResponse(live);
  const sides = { request: result.requestValidationResult, response: result.responseValidationResult };
  const info = sides.request.operationInfo;
  const code = sides.request.runtimeException?.code ?? '';
  if (code.startsWith('OPERATION_NOT_FOUND'))
    return { operation: undefined, problems: [] };
  const problems = [];
  for (const [side, found] of Object.entries(sides)) {
    if (found.runtimeException !== undefined)
      problems.push(`${side}: ${found.runtimeException.message}`);
    for (const error of found.errors ?? []) {
      const known = DEPARTURES.find((one) => isDeparture(one, side, pair, info.operationId, error));
      const nearest = nearestFor(pair.url);
      if (known !== undefined)
        needed.add(known);
      else if (isAddition(nearest, side, error))
        needed.add(nearest);
      else
        problems.push(`${side} of ${pair.liveRequest.method} ${live.liveRequest.url}, ` +
          `${pair.liveResponse.statusCode}: ${error.code} ${error.message} ` +
          `${(error.pathsInPayload ?? []).join(' ')}`);
    }
  }
  return {
    operation: `${info.operationId} ${info.apiVersion}`, problems,
    laterQuery: nearestFor(pair.url)?.adds?.query ?? [],
  };
}

/** Departures and stand-in versions that nothing in the record needs. */
export function unneeded(pairs, needed) {
  const problems = DEPARTURES.filter((one) => !needed.has(one))
    .map((one) => `no answer needs this departure any longer: ${one.why}`);
  for (const one of NEAREST)
    if (!pairs.some((pair) => nearestFor(pair.url) === one))
      problems.push(`no request needs ${one.nearest} to stand for ${one.version} any longer`);
  return problems;
}

/* Pairs made wrong */

const copy = (pair) => ({ ...structuredClone({ ...pair, url: undefined }), url: new URL(pair.url) });

const MUTATIONS = [
  {
    title: 'a PUT without the assignment', find: (p) => p.liveRequest.method === 'PUT' &&
      p.liveResponse.statusCode === '201',
    change: (p) => { delete p.liveRequest.body.properties.policyAssignmentId; },
    code: 'OBJECT_MISSING_REQUIRED_PROPERTY',
  },
  {
    title: 'a PUT with a member that Azure does not know',
    find: (p) => p.liveRequest.method === 'PUT' && p.liveResponse.statusCode === '201',
    change: (p) => { p.liveRequest.body.properties.owner = 'somebody'; },
    code: 'OBJECT_ADDITIONAL_PROPERTIES',
  },
  {
    title: 'an expiry that is no instant',
    find: (p) => p.liveRequest.method === 'PUT' && p.liveResponse.statusCode === '201',
    change: (p) => { p.liveRequest.body.properties.expiresOn = '2027-01-01'; },
    code: 'INVALID_FORMAT',
  },
  {
    title: 'a status that is not declared',
    find: (p) => p.liveRequest.method === 'PUT' && p.liveResponse.statusCode === '201',
    change: (p) => { p.liveResponse.statusCode = '202'; },
    code: 'INVALID_RESPONSE_CODE',
  },
  {
    title: 'a list that is called items',
    find: (p) => /policyExemptions$/.test(p.url.pathname),
    change: (p) => {
      p.liveResponse.body.items = p.liveResponse.body.value;
      delete p.liveResponse.body.value;
    },
    code: 'OBJECT_ADDITIONAL_PROPERTIES',
  },
  {
    title: 'a query of Resource Graph without its text',
    find: (p) => /ResourceGraph/.test(p.url.pathname),
    change: (p) => { delete p.liveRequest.body.query; },
    code: 'OBJECT_MISSING_REQUIRED_PROPERTY',
  },
  {
    title: 'a request without its version',
    find: (p) => /policyExemptions$/.test(p.url.pathname),
    change: (p) => { p.url.searchParams.delete('api-version'); },
    code: undefined,
  },
  {
    title: 'a version that nobody published',
    find: (p) => /policyExemptions$/.test(p.url.pathname),
    change: (p) => { p.url.searchParams.set('api-version', '2029-01-01'); },
    code: undefined,
  },
];

/** Whether the checks would notice: good pairs, each made wrong in one place. */
export async function checkMutations(validator, pairs) {
  const problems = [];
  for (const mutation of MUTATIONS) {
    const good = pairs.find(mutation.find);
    if (good === undefined) {
      problems.push(`there is no pair to make wrong for “${mutation.title}”`);
      continue;
    }
    const before = await checkPair(validator, good);
    const bad = copy(good);
    mutation.change(bad);
    const after = await checkPair(validator, bad);
    const noticed = mutation.code === undefined ? after.operation === undefined
      : after.problems.some((one) => one.includes(mutation.code));
    if (before.operation === undefined || before.problems.length > 0)
      problems.push(`the pair for “${mutation.title}” was wrong before`);
    else if (!noticed)
      problems.push(`${mutation.title}: nobody noticed`);
  }
  return problems;
}
