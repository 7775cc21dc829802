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

/**
 * lw_selectors_contained:
 * @inner: (nullable): resourceSelectors
 * @inner_references: (nullable) (element-type utf8): the references of the exemption; none means all
 * @outer: (nullable): resourceSelectors of the other one
 * @outer_references: (nullable) (element-type utf8): its references
 * @witness: (out) (optional) (transfer full) (nullable): where they are not, something that @inner lets off
 *   and @outer does not, in words; %NULL where only a proof is missing
 *
 * Whether everything that @inner lets off is let off by @outer too. The answer is exact for what Azure
 * documents, without reading the selectors one by one: as sets of (type, location, reference, user, groups).
 * What is not documented is taken both ways: whether "notIn" of locations matches what has none. A kind
 * that this version does not know, and selectors that Azure would refuse, count as wide within @inner and
 * as nothing within @outer, but are contained in themselves.
 *
 * Returns: whether that is proved
 */
gboolean lw_selectors_contained (JsonArray *inner,
                                 GPtrArray *inner_references,
                                 JsonArray *outer,
                                 GPtrArray *outer_references,
                                 char **witness);

G_END_DECLS
