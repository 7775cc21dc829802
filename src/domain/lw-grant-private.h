/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

/* What Azure takes, and what Leeway allows itself, in UTF-16 code units. Azure's documentation gives 128
 * and 512 characters; that exemption metadata has no limit of its own is not documented either. */
#define LW_DISPLAY_NAME_MAX 128
#define LW_DESCRIPTION_MAX  512
#define LW_LEEWAY_MAX       1024

/* How long the metadata under "leeway" of a grant of @request would be at most. */
gsize lw_grant_leeway_length (const LwRequest *request);

G_END_DECLS
