/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/* Whether an error only says that the work was given up (the window closed): never shown. */
gboolean lw_error_is_cancelled (const GError *error);

G_END_DECLS
