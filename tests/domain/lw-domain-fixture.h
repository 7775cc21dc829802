/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-event.h"
#include "lw-rules.h"

G_BEGIN_DECLS

#define FIXTURE_NOW "2026-11-24T10:00:00Z"
#define FIXTURE_ID  "01933f2e-7a10-7c3d-8e4f-0123456789ab"

/* The people of the fixtures: the requester, the owner, and approvers whom the rules name. */
#define PRIYA  "7faf45be-93c6-51b8-a1fd-d906d4452a99"
#define DANIEL "0799c583-3f76-5127-b2b9-13178c25ce90"
#define MEI    "5cfa852b-8eaa-54e1-8e5b-87b50e037a51"
#define TOMAS  "bc18442e-901c-56a4-ac47-dbe576e9624a"
#define EVE    "a1d9c1f0-51b5-4c1e-9b1e-6f2f4a0c1666"

/* The text of a file in tests/fixtures. (transfer full) */
char *fixture_text (const char *name);
/* tests/fixtures/request-ok.json */
LwRequest *fixture_request (void);
/* The same as JSON, to be changed. (transfer full) */
JsonNode *fixture_request_json (void);
/* @json as the members of an object, given with single quotes. (transfer full) */
JsonNode *fixture_json (const char *json);
/* The default rules with @json (single quotes, an object or NULL) on top; Mei and Tomas may approve. */
LwRules *fixture_rules (const char *json);
GDateTime *fixture_now (void);

G_END_DECLS
