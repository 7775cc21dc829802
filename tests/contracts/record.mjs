// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the simulated tenant wrote down, and a name for each kind of request in it.

import { readFileSync } from 'node:fs';

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The pairs in a record, each with its address taken apart, but for what a person's browser sent. */
export function readRecord(file) {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => {
    const pair = JSON.parse(line);
    const url = new URL(pair.liveRequest.url);
    return { ...pair, url, kind: kindOf(url) };
  }).filter((pair) => pair.url.pathname !== '/devicelogin');
}

function kindOf(url) {
  if (/^\/graph\//.test(url.pathname))
    return 'graph';
  if (/^\/devstoreaccount1\//.test(url.pathname))
    return 'blob';
  if (/^\/([^/]+\/(oauth2|v2\.0|\.well-known|discovery)|common|devicelogin)(\/|$)/
    .test(url.pathname))
    return 'entra';
  return 'arm';
}

/** "{resource}", "{resourceGroup}" and so on for the scope that a path of Resource Manager begins with. */
function scopePattern(path) {
  return path
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/(?!Microsoft\.(Authorization|PolicyInsights))[^/]+\/[^/]+\/[^/]+/i,
      '{resource}')
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i, '{resourceGroup}')
    .replace(/^\/subscriptions\/[^/]+/i, '{subscription}')
    .replace(/^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+/i, '{managementGroup}')
    .replace(/(\/policy(Assignments|Definitions|SetDefinitions|Exemptions)\/)[^/]+$/i, '$1{name}');
}

/** A name for the kind of request, without what varies from one to the next. */
export function nameOf(pair) {
  const { method } = pair.liveRequest;
  const version = pair.url.searchParams.get('api-version');
  const names = [...new Set(pair.url.searchParams.keys())].filter((name) => name !== 'api-version')
    .sort();
  const query = names.length > 0 ? `?${names.join('&')}` : '';
  const path = decodeURIComponent(pair.url.pathname);
  switch (pair.kind) {
    case 'graph':
      return `Graph ${method} ${path.replace(/^\/graph/, '').replace(GUID, '{id}')}${query}`;
    case 'entra': // persona is what the test's browser adds, to say who signs in
      return `Entra ${method} ${path.replace(GUID, '{tenant}')} ` +
        `(${(pair.liveRequest.names ?? []).filter((one) => one !== 'persona').join(', ')})`;
    default:
      return `ARM ${method} ${scopePattern(path)}${query} ${version ?? 'without version'}`;
  }
}
