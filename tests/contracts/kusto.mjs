// SPDX-License-Identifier: GPL-3.0-or-later
//
// The queries of Resource Graph, parsed and analysed by the language service of Kusto, and held
// against what Resource Graph takes of that language.

import { peer } from '../peers/tap.mjs';

peer('@kusto/language-service-next/bridge.min.js');
peer('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { Kusto } = globalThis;
const { Symbols } = Kusto.Language;

/* Every table of Resource Graph has these columns; policy's also say who changed what. */
const COLUMNS = 'id:string, name:string, type:string, tenantId:string, [\'kind\']:string, ' +
  'location:string, resourceGroup:string, subscriptionId:string, managedBy:string, sku:dynamic, ' +
  '[\'plan\']:dynamic, properties:dynamic, tags:dynamic, identity:dynamic, zones:dynamic, ' +
  'extendedLocation:dynamic';
const TABLES = {
  resources: COLUMNS,
  resourcecontainers: COLUMNS,
  authorizationresources: COLUMNS,
  policyresources: `${COLUMNS}, systemData:dynamic`,
};

/* What Resource Graph documents of the language, as far as we want to use it. */
const OPERATORS = ['count', 'distinct', 'extend', 'join', 'limit', 'mv-expand', 'order', 'project',
  'sort', 'summarize', 'take', 'top', 'union', 'where'];
const COMPARISONS = ['==', '!=', '=~', '!~', '<', '<=', '>', '>=', 'and', 'or', 'in', 'in~', '!in',
  'contains', 'startswith', 'endswith', 'has'];
const FUNCTIONS = ['tolower', 'tostring', 'todatetime', 'count', 'isnotnull', 'isnull', 'isempty',
  'isnotempty', 'now', 'ago', 'dcount', 'countif'];

const state = Kusto.Language.GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('arg',
  Object.entries(TABLES).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns})`,
    null))));

const kindName = (node) => node.constructor.$$name.split('.').at(-1);
const firstWord = (node) => node.GetFirstToken()?.Text;

function* nodes(node) {
  yield node;
  for (let i = 0; i < node.ChildCount; i++) {
    const child = node.GetChild(i);
    if (child !== null && child !== undefined)
      yield* nodes(child);
  }
}

/** A query as the language service understands it, with what is wrong with it. */
export function analyse(query) {
  const code = Kusto.Language.KustoCode.ParseAndAnalyze(query, state);
  const diagnostics = code.GetDiagnostics();
  const problems = [];
  const literals = [];
  for (let i = 0; i < diagnostics.Count; i++)
    problems.push(`${diagnostics.getItem(i).Code} ${diagnostics.getItem(i).Message}`);
  for (const node of nodes(code.Syntax)) {
    const kind = kindName(node);
    if (kind === 'SkippedTokens' || /^(Let|Set|Declare)\w*Statement$/.test(kind))
      problems.push(`${kind}: Resource Graph takes one query and nothing else`);
    else if (kind.endsWith('Operator') && !OPERATORS.includes(firstWord(node)))
      problems.push(`the operator ${firstWord(node)} is not on the list`);
    else if (/^(Binary|In|Between|HasAny|HasAll)Expression$/.test(kind) &&
      !COMPARISONS.includes(node.Operator?.Text))
      problems.push(`the comparison ${node.Operator?.Text} is not on the list`);
    else if (kind === 'FunctionCallExpression' && !FUNCTIONS.includes(firstWord(node)))
      problems.push(`the function ${firstWord(node)} is not on the list`);
    else if (kind === 'LiteralExpression' && typeof node.LiteralValue === 'string')
      literals.push({ start: node.TextStart, end: node.End, value: node.LiteralValue });
  }
  const columns = {};
  const list = code.ResultType?.Columns;
  for (let i = 0; i < (list?.Count ?? 0); i++)
    columns[list.getItem(i).Name] = list.getItem(i).Type.Name;
  return { problems, columns, literals };
}

/** The query with TEXT for every literal that is not part of the fixed text: what people typed. */
export function shapeOf(query, literals) {
  let shape = '';
  let at = 0;
  for (const { start, end, value } of literals) {
    const fixed = /^microsoft\.[a-z]+\/[a-z/]+$/.test(value);
    shape += query.slice(at, start) + (fixed ? query.slice(start, end) : '\'TEXT\'');
    at = end;
  }
  return (shape + query.slice(at)).replace(/\s+/g, ' ').trim();
}

/** Whether what a row holds has the type of its column. */
function fits(value, type) {
  if (type === 'string')
    return typeof value === 'string';
  if (type === 'dynamic')
    return value === null || typeof value === 'object';
  if (type === 'long' || type === 'int')
    return Number.isInteger(value);
  return type === 'datetime' && typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** The rows of an answer: their columns are those of the query, each of its type. */
export function checkRows(rows, columns) {
  const problems = new Set();
  for (const row of rows) {
    for (const [name, type] of Object.entries(columns))
      if (!(name in row))
        problems.add(`a row lacks ${name}`);
      else if (!fits(row[name], type))
        problems.add(`${name} is ${JSON.stringify(row[name])}, which is no ${type}`);
    for (const name of Object.keys(row))
      if (!(name in columns))
        problems.add(`a row has ${name}, which the query does not ask for`);
  }
  return [...problems];
}

/** Whether the checks would notice. */
export function checkBadQueries() {
  const bad = {
    'resources | project id, colour': 'KS142',
    'widgets | project id': 'KS204',
    'resources | where name = \'x\'': 'KS',
    'resources | project id | where name contains \'x\'': 'KS142',
    'resources | where': 'KS006',
    'resources | where name contains \'x': 'KS',
    'policyresources | evaluate bag_unpack(properties)': 'evaluate',
    'resources | where name matches regex \'x\'': 'matches regex',
    'resources | extend a = strcat(id, name)': 'strcat',
    'let x = 1; resources | project id': 'Let',
  };
  return Object.entries(bad)
    .filter(([query, why]) => !analyse(query).problems.some((one) => one.includes(why)))
    .map(([query, why]) => `nobody noticed that “${query}” is wrong (${why}): ` +
      analyse(query).problems.join('; '));
}
