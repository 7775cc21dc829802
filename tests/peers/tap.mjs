// SPDX-License-Identifier: GPL-3.0-or-later
//
// TAP on standard output, and nothing else there: what the peers print goes to standard error.

import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

for (const name of ['log', 'info', 'warn', 'debug'])
  console[name] = (...words) => console.error(...words);

/** A function that loads packages of the peers, wherever they were installed. */
export const peer = createRequire(join(process.env.LEEWAY_PEERS ?? import.meta.dirname, 'x.js'));

let count = 0;
let failed = 0;

/** One test case: `problems` is a list of sentences, empty where all is well. */
export function report(title, problems) {
  count += 1;
  if (problems.length > 0)
    failed += 1;
  writeSync(1, `${problems.length > 0 ? 'not ok' : 'ok'} ${count} - ${title}\n`);
  for (const problem of problems.slice(0, 20))
    writeSync(1, `# ${String(problem).replaceAll('\n', '\n# ')}\n`);
  if (problems.length > 20)
    writeSync(1, `# and ${problems.length - 20} more\n`);
}

/** Ends the program with the plan. */
export function finish() {
  writeSync(1, `1..${count}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Skips it all, saying why. */
export function skip(reason) {
  writeSync(1, `1..0 # SKIP ${reason}\n`);
}

/** What one list has that the other lacks, as sentences. */
export function differences(found, expected, what) {
  const problems = [];
  for (const item of found)
    if (!expected.includes(item))
      problems.push(`${what}, but is not in the list kept for it: ${item}`);
  for (const item of expected)
    if (!found.includes(item))
      problems.push(`in the list, but no longer ${what}: ${item}`);
  return problems;
}
