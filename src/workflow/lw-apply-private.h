/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-grant-write.h"
#include "lw-verb-private.h"

G_BEGIN_DECLS

/* One run of applying a request. */
typedef struct
{
  LwSession *session; /* (unowned) */
  LwCase *value;      /* the newest state */
  JsonArray *grants;  /* what is to be applied: {"n", "before": the exemption as it was, or null} */
  JsonArray *
      answers; /* {"n", "id", "at"} with "exemption", or with "error" {"code", "message", "requestId"} */
  GError *refusal; /* the first that Azure refused; nullable */
  GError *outage;  /* Azure could not be reached: the rest was not tried; nullable */
  GError *changed; /* why nothing more may be created, only what is there be taken down; nullable */
} LwApply;

/* What is there under the grant's id; @existing stays %NULL where there is nothing. Awaits. */
gboolean lw_apply_read (LwApply *apply, LwGrant *grant, LwExemption **existing, GError **error);
/* The body of the PUT. (transfer full) (nullable) */
JsonNode *lw_apply_write (LwApply *apply, LwGrant *grant, LwExemption *existing, GError **error);
/* GET, compare, PUT; notes the answer. @planned: an element of "grants". Awaits. */
void lw_apply_grant (LwApply *apply, JsonObject *planned);

G_END_DECLS
