/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"

G_BEGIN_DECLS

/* lw_case_check() with the time of the event, which the fold knows; %NULL leaves out what depends on it. */
gboolean lw_case_check_at (LwCase *self,
                           LwEventKind kind,
                           const LwPerson *who,
                           JsonObject *body,
                           GDateTime *at,
                           LwHierarchy *hierarchy,
                           GError **error);

/* Reads the content of a submitted event, and checks that it is of this request and has this digest. */
LwRequest *lw_case_read_content (LwCase *self, JsonObject *body, GError **error);

/* Reads the terms of an approved event, if any (%NULL without an error when there are none), and checks
 * that they are contained in the content and have the digest of the body. */
LwRequest *lw_case_read_terms (LwCase *self, JsonObject *body, GError **error);

G_END_DECLS
