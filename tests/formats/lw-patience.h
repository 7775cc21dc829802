/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much slower the tests run than they were written for, as under valgrind: LEEWAY_TEST_SLOWNESS. */
static inline gsize
lw_test_slowness (void)
{
  const char *set = g_getenv ("LEEWAY_TEST_SLOWNESS");

  return set != NULL ? (gsize) CLAMP (g_ascii_strtoull (set, NULL, 10), 1, 100) : 1;
}

/* What one file may take at most: a reader that goes back takes minutes. */
static inline gint64
lw_test_patience (void)
{
  return 20 * G_USEC_PER_SEC * (gint64) lw_test_slowness ();
}

G_END_DECLS
