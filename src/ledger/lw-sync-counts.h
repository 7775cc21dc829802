/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

/* What a sync brought, and what is kept since. */
typedef struct
{
  guint new_events;
  guint new_requests;
  guint updated_requests;
  guint events;
  guint requests;
  guint flagged; /* requests with something wrong about them */
} LwSyncCounts;
