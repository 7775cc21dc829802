/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

/* The good request of the fixtures, as of today, with an id of its own. (transfer full) */
LwRequest *lw_test_good_request (const char *title);
/* Makes it the day that many days ahead of today. */
void lw_test_set_day (char **day, int ahead);

G_END_DECLS
