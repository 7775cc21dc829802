/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Azure's resourceSelectors: [{"name", "selectors": [{"kind", "in": [] or "notIn": []}]}]. What is matched
 * by any one of them, in all of its selectors, is let off; no resourceSelectors at all match everything.
 */

/**
 * lw_selectors_match:
 * @selectors: (nullable): resourceSelectors
 * @type: "Microsoft.Storage/storageAccounts"
 * @location: (nullable): "westeurope"
 * @reference: a reference id, "" for an assignment of a single definition
 *
 * Returns: whether they match for certain, whoever deploys: what names an identity, or is of a kind that
 *   this version does not know, does not
 */
gboolean lw_selectors_match (JsonArray *selectors,
                             const char *type,
                             const char *location,
                             const char *reference);

G_END_DECLS
