// SPDX-License-Identifier: GPL-3.0-or-later
//
// Azure's own JavaScript library on the simulated tenant: it signs in, and makes, lists, shows,
// changes and deletes exemptions at each kind of scope, page by page.

import assert from 'node:assert/strict';

import { finish, peer, report } from '../peers/tap.mjs';

const { PolicyClient } = peer('@azure/arm-policy');
const { ClientSecretCredential } = peer('@azure/identity');

const {
  LEEWAY_ARM, LEEWAY_LOGIN, LEEWAY_TENANT, LEEWAY_CLIENT, LEEWAY_SECRET, LEEWAY_TOKEN,
  LEEWAY_READER_TOKEN,
} = process.env;
const EVALS = '5b84a0b2-debd-5e07-b5b8-601756f9c338';
const GROUP = `/subscriptions/${EVALS}/resourceGroups/rg-eval-weu`;
const WORKLOADS = '/providers/Microsoft.Management/managementGroups/ai-workloads';
const BASELINE = `${WORKLOADS}/providers/Microsoft.Authorization/policyAssignments/ai-security-baseline`;
const NAME = 'sdk-real';

const withToken = (token) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3600e3 }),
});
const clientFor = (credential) => new PolicyClient(credential, EVALS, {
  endpoint: LEEWAY_ARM, retryOptions: { maxRetries: 0 },
});

async function test(title, steps) {
  try {
    await steps();
    report(title, []);
  } catch (error) {
    report(title, [error.stack]);
  }
}

/** All pages of a list. */
async function all(list) {
  const pages = [];
  for await (const page of list.byPage())
    pages.push(page);
  return { pages: pages.length, found: pages.flat() };
}

const resource = async () => {
  const answer = await fetch(`${LEEWAY_ARM}${GROUP}/resources?api-version=2021-04-01`, {
    headers: { authorization: `Bearer ${LEEWAY_TOKEN}` },
  });
  return (await answer.json()).value[0].id;
};

/** The list that holds the exemptions of a scope. */
function listOf({ policyExemptions }, scope) {
  if (scope.startsWith('/providers/Microsoft.Management'))
    return policyExemptions.listForManagementGroup('ai-workloads', { filter: 'atScope()' });
  if (scope === `/subscriptions/${EVALS}`)
    return policyExemptions.list();
  if (scope === GROUP)
    return policyExemptions.listForResourceGroup('rg-eval-weu');
  const [namespace, type, name] = scope.split('/').slice(-3);
  return policyExemptions.listForResource('rg-eval-weu', namespace, '', type, name);
}

async function life(client, scope) {
  const { policyExemptions } = client;
  const made = await policyExemptions.createOrUpdate(scope, NAME, {
    policyAssignmentId: BASELINE, policyDefinitionReferenceIds: ['aiServicesPrivateLink'],
    exemptionCategory: 'Waiver', displayName: 'By the SDK', description: 'It’s “ours”',
    expiresOn: new Date('2031-01-31T22:00:00Z'), metadata: { ticketRef: 'CHG0042' },
  });
  assert.equal(made.id, `${scope}/providers/Microsoft.Authorization/policyExemptions/${NAME}`);
  assert.equal(made.expiresOn.toISOString(), '2031-01-31T22:00:00.000Z');
  const { found } = await all(listOf(client, scope));
  assert.deepEqual(found.filter((one) => one.id === made.id), [made]);
  assert.deepEqual(await policyExemptions.get(scope, NAME), made);
  const { systemData, id, name, type, ...body } = made;
  const changed = await policyExemptions.createOrUpdate(scope, NAME,
    { ...body, exemptionCategory: 'Mitigated', description: undefined });
  assert.equal(changed.exemptionCategory, 'Mitigated');
  assert.equal(changed.description, undefined);
  assert.equal(changed.displayName, 'By the SDK');
  assert.deepEqual(changed.systemData.createdAt, systemData.createdAt);
  assert.deepEqual([changed.id, changed.name, changed.type], [id, name, type]);
  await policyExemptions.delete(scope, NAME);
  await assert.rejects(policyExemptions.get(scope, NAME),
    { statusCode: 404, code: 'PolicyExemptionNotFound' });
  await policyExemptions.delete(scope, NAME);
}

const credential = new ClientSecretCredential(LEEWAY_TENANT, LEEWAY_CLIENT, LEEWAY_SECRET, {
  authorityHost: LEEWAY_LOGIN, disableInstanceDiscovery: true,
});
const client = clientFor(credential);

await test('the SDK signs in, and with a wrong secret does not', async () => {
  const { token } = await credential.getToken(`${LEEWAY_ARM}/.default`);
  assert.equal(token.split('.').length, 3);
  const wrong = new ClientSecretCredential(LEEWAY_TENANT, LEEWAY_CLIENT, 'wrong', {
    authorityHost: LEEWAY_LOGIN, disableInstanceDiscovery: true,
  });
  await assert.rejects(wrong.getToken(`${LEEWAY_ARM}/.default`), /AADSTS7000215/);
});

const scopes = {
  'management-group': WORKLOADS, subscription: `/subscriptions/${EVALS}`, 'resource-group': GROUP,
  resource: await resource(),
};
for (const [kind, scope] of Object.entries(scopes))
  await test(`the SDK makes, lists, shows, changes and deletes at ${kind} scope`,
    () => life(client, scope));

await test('the SDK reads every page', async () => {
  const { pages, found } = await all(clientFor(withToken(LEEWAY_TOKEN)).policyExemptions.list());
  assert.ok(pages > 1, `${pages} page`);
  assert.equal(new Set(found.map((one) => one.id.toLowerCase())).size, found.length);
});

await test('the SDK is told what is wrong', async () => {
  const body = { policyAssignmentId: BASELINE, exemptionCategory: 'Waiver' };
  const reader = clientFor(withToken(LEEWAY_READER_TOKEN)).policyExemptions;
  await assert.rejects(reader.createOrUpdate(GROUP, NAME, body),
    { statusCode: 403, code: 'AuthorizationFailed' });
  await assert.rejects(client.policyExemptions.createOrUpdate(GROUP, NAME,
    { ...body, policyAssignmentId: `${BASELINE}-none` }),
  { statusCode: 400, code: 'InvalidCreatePolicyExemptionRequest' });
  await assert.rejects(clientFor(withToken('no-token')).policyExemptions.get(GROUP, NAME),
    { statusCode: 401 });
});

finish();
