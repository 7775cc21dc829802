// SPDX-License-Identifier: GPL-3.0-or-later
//
// Holds what the simulated tenant wrote down while others used it against the published files. Prints
// {"checked": {operation: how often}, "undescribed": […], "problems": […]}. Arguments: the record, the
// folder of the files.

import { writeSync } from 'node:fs';

import { checkPair, makeValidator } from './openapi.mjs';
import { nameOf, readRecord } from './record.mjs';
import { indexOperations, strangeValuesOf } from './swagger.mjs';

const [record, specification] = process.argv.slice(2);
const index = indexOperations(specification);
const validator = await makeValidator(specification);
const checked = {};
const undescribed = new Set();
const problems = [];

for (const pair of readRecord(record)) {
  const found = pair.kind === 'arm' ? await checkPair(validator, pair) : { operation: undefined };
  if (found.operation === undefined) {
    undescribed.add(nameOf(pair));
  } else {
    checked[found.operation] = (checked[found.operation] ?? 0) + 1;
    problems.push(...found.problems, ...strangeValuesOf(pair, index.get(found.operation)));
  }
}
writeSync(1, `${JSON.stringify({ checked, undescribed: [...undescribed].sort(), problems })}\n`);
