/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LW_DOMAIN_ERROR (lw_domain_error_quark ())

/**
 * LwDomainError:
 * @LW_DOMAIN_ERROR_JSON: the text is not JSON that the strict reader accepts
 * @LW_DOMAIN_ERROR_TYPE: a member has the wrong type; the message names its path
 * @LW_DOMAIN_ERROR_VERSION: the object is of a version that this program does not know
 * @LW_DOMAIN_ERROR_ID: an Azure Resource Manager id is malformed
 * @LW_DOMAIN_ERROR_NOT_ALLOWED: an event is not allowed in that state or by that person
 * @LW_DOMAIN_ERROR_CHAIN: a ledger entry does not follow from the one before it
 * @LW_DOMAIN_ERROR_LIMIT: there is more of something than can be worked with; the message says how much can
 */
typedef enum
{
  LW_DOMAIN_ERROR_JSON,
  LW_DOMAIN_ERROR_TYPE,
  LW_DOMAIN_ERROR_VERSION,
  LW_DOMAIN_ERROR_ID,
  LW_DOMAIN_ERROR_NOT_ALLOWED,
  LW_DOMAIN_ERROR_CHAIN,
  LW_DOMAIN_ERROR_LIMIT,
} LwDomainError;

GQuark lw_domain_error_quark (void);

G_END_DECLS
