// SPDX-License-Identifier: GPL-3.0-or-later
//
// The published files themselves, for what oav does not look at: the values of enumerations, and
// Blob Storage, whose operations share one path.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const files = new Map();

function load(file) {
  if (!files.has(file))
    files.set(file, JSON.parse(readFileSync(file, 'utf8')));
  return files.get(file);
}

/** All JSON files below a folder but for examples. */
export function swaggerFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.json') && !name.includes('examples/'))
    .map((name) => join(folder, name));
}

/** Follows a reference: the node, and the file that its own references are relative to. */
function follow(node, file) {
  while (node?.$ref !== undefined) {
    const [path, pointer] = node.$ref.split('#');
    file = path === '' ? file : resolve(dirname(file), path);
    node = (pointer ?? '').split('/').filter(Boolean)
      .reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], load(file));
    if (node === undefined)
      throw new Error(`${file} lacks what is referred to`);
  }
  return { node, file };
}

/** Operations by "operationId api-version". */
export function indexOperations(folder) {
  const index = new Map();
  for (const file of swaggerFiles(folder)) {
    const swagger = load(file);
    for (const paths of [swagger.paths ?? {}, swagger['x-ms-paths'] ?? {}])
      for (const [path, item] of Object.entries(paths))
        for (const [method, operation] of Object.entries(item))
          if (operation.operationId !== undefined)
            index.set(`${operation.operationId} ${swagger.info.version}`,
              { operation, file, path, method, common: item.parameters ?? [] });
  }
  return index;
}

/*
 * Values that a version does not enumerate and a tenant holds all the same, since a newer version
 * wrote them.
 */
const NEWER = [
  { version: '2022-07-01-preview', path: /\/selectors\/\d+\/kind$/, value: 'UserPrincipalId' },
];

const isNewer = (version, path, value) => NEWER.some((one) =>
  one.version === version && one.path.test(path) && one.value === value);

/** Values of a body that are not among those its schema enumerates (case does not count). */
function strangeValues(version, schema, file, value, path, problems) {
  ({ node: schema, file } = follow(schema, file));
  if (schema === undefined || value === null || value === undefined)
    return;
  if (schema.enum !== undefined && typeof value === 'string' &&
    !schema.enum.some((one) => String(one).toLowerCase() === value.toLowerCase()) &&
    !isNewer(version, path, value))
    problems.push(`${path}: “${value}” is none of ${schema.enum.join(', ')}`);
  for (const part of schema.allOf ?? [])
    strangeValues(version, part, file, value, path, problems);
  if (Array.isArray(value)) {
    if (schema.items !== undefined)
      value.forEach((one, i) =>
        strangeValues(version, schema.items, file, one, `${path}/${i}`, problems));
  } else if (typeof value === 'object') {
    for (const [name, one] of Object.entries(value)) {
      const member = schema.properties?.[name] ??
        (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
      if (member !== undefined)
        strangeValues(version, member, file, one, `${path}/${name}`, problems);
    }
  }
}

/** The same of a pair's request and response. */
export function strangeValuesOf(pair, { operation, file, common }) {
  const problems = [];
  const version = pair.url.searchParams.get('api-version');
  const parameters = [...common, ...(operation.parameters ?? [])].map((one) => follow(one, file));
  const answer = follow(
    operation.responses[pair.liveResponse.statusCode] ?? operation.responses.default, file);
  for (const { node, file: at } of parameters) {
    const sent = pair.url.searchParams.get(node.name);
    if (node.in === 'body')
      strangeValues(version, node.schema, at, pair.liveRequest.body, 'request', problems);
    else if (node.in === 'query' && sent !== null)
      strangeValues(version, node, at, sent, `query ${node.name}`, problems);
  }
  if (answer.node?.schema !== undefined)
    strangeValues(version, answer.node.schema, answer.file, pair.liveResponse.body, 'response',
      problems);
  return problems;
}

/** Query parameters that a request has and its operation does not declare. */
export function strangeQuery(pair, { operation, file, common }, allowed) {
  const known = [...common, ...(operation.parameters ?? [])].map((one) => follow(one, file).node)
    .filter((one) => one.in === 'query').map((one) => one.name.toLowerCase());
  return [...pair.url.searchParams.keys()]
    .filter((name) => ![...known, ...allowed, '$skiptoken'].includes(name.toLowerCase()))
    .map((name) => `the query parameter ${name} is not declared`);
}

/* Blob Storage */

/** Which operation of the file a request is. */
function blobOperation(pair) {
  const { method, headers } = pair.liveRequest;
  if (pair.url.searchParams.get('comp') === 'list')
    return 'Container_ListBlobFlatSegment';
  if (method === 'PUT' && headers['x-ms-blob-type'] === 'BlockBlob')
    return 'BlockBlob_Upload';
  if (method === 'GET' && pair.url.search === '')
    return 'Blob_Download';
  return undefined;
}

/**
 * A request to Blob Storage and its answer, held against the file: what is required is there, every
 * x-ms header and query parameter that is sent is known, and so is the status, or the error's code.
 */
export function checkBlob(pair, index, version) {
  const name = blobOperation(pair);
  const found = index.get(`${name} ${version}`);
  if (found === undefined)
    return { name: undefined, problems: [] };
  const problems = [];
  const { operation, file, common } = found;
  const parameters = [...common, ...(operation.parameters ?? [])]
    .map((one) => follow(one, file).node);
  const { headers } = pair.liveRequest;
  for (const one of parameters) {
    const sent = one.in === 'header' ? headers[one.name.toLowerCase()]
      : one.in === 'query' ? pair.url.searchParams.get(one.name) ?? undefined : '';
    if (one.required && sent === undefined && one.in !== 'body')
      problems.push(`${name}: ${one.in} ${one.name} is required`);
    if (one.enum?.length === 1 && one.name !== 'x-ms-version' && sent !== undefined &&
      one.in !== 'path' && sent !== one.enum[0])
      problems.push(`${name}: ${one.name} is “${sent}”, not “${one.enum[0]}”`);
  }
  const known = (place) => parameters.filter((one) => one.in === place)
    .map((one) => one.name.toLowerCase());
  for (const header of Object.keys(headers))
    if (header.startsWith('x-ms-') && header !== 'x-ms-date' && !known('header').includes(header))
      problems.push(`${name}: the header ${header} is not known`);
  for (const key of pair.url.searchParams.keys())
    if (!known('query').includes(key.toLowerCase()))
      problems.push(`${name}: the query parameter ${key} is not known`);
  checkBlobAnswer(pair, found, name, problems);
  return { name, problems };
}

function checkBlobAnswer(pair, { operation, file }, name, problems) {
  const { statusCode, headers, body } = pair.liveResponse;
  if (operation.responses[statusCode] !== undefined) {
    if (name === 'Container_ListBlobFlatSegment' && !/<EnumerationResults[ >]/.test(body ?? ''))
      problems.push(`${name}: the answer is no list`);
    return;
  }
  const codes = load(file).definitions.ErrorCode.enum;
  const code = headers['x-ms-error-code'];
  if (Number(statusCode) < 400)
    problems.push(`${name}: the status ${statusCode} is not declared`);
  else if (!codes.includes(code))
    problems.push(`${name}: x-ms-error-code “${code}” is none that the file knows`);
  else if (!String(body).includes(`<Code>${code}</Code>`))
    problems.push(`${name}: the body of the error names another code than its header, ${code}`);
}
