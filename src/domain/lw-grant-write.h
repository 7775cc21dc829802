/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"
#include "lw-request.h"

G_BEGIN_DECLS

/* "lw-<last 16 hex digits of the request id>-<n>" (transfer full) */
char *lw_grant_exemption_name (const LwRequest *request, const LwGrant *grant);
/* Where the grant's exemption lives: the renewed exemption's own id, else scope + name. (transfer full) */
char *lw_grant_exemption_id (const LwRequest *request, const LwGrant *grant);

/**
 * lw_grant_write:
 * @existing: (nullable): the exemption that is there now
 * @approved_by: UPN of the approver shown in metadata
 * @first_granted: when the exemption first existed, in UTC; @approved_on when it is new
 *
 * The body of the PUT: {"properties": {…}}. With @existing its unknown properties and metadata keys
 * are kept. The metadata under "leeway" is at most 1,024 characters; the owner's name is left out where
 * it would not fit. The description is the blocker, followed by the end state where the whole of it fits.
 *
 * Returns: (transfer full): the body, or %NULL with %LW_DOMAIN_ERROR_NOT_ALLOWED where @existing
 *   belongs to another request, to none (and is not the one the grant renews) or to another assignment, or %LW_DOMAIN_ERROR_TYPE where a text does not fit
 */
JsonNode *lw_grant_write (const LwRequest *request,
                          const LwGrant *grant,
                          guint revision,
                          const char *digest,
                          const char *approved_by,
                          GDateTime *approved_on,
                          GDateTime *first_granted,
                          LwExemption *existing,
                          GError **error);

/* Whether the exemption already is what @body asks for (systemData and Azure's stamps apart). */
gboolean lw_grant_is_applied (LwExemption *existing, JsonNode *body);

G_END_DECLS
