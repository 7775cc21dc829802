/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test.h"
#include "lw-wire.h"

G_BEGIN_DECLS

/* GETs it. */
LwAnswer *lw_test_wire_get (LwWire *wire, const char *url, guint timeout_ms, GError **error);
/* The same, which must fail with @code. (transfer full) */
GError *lw_test_wire_expect (LwWire *wire, const char *url, guint timeout_ms, LwAzureError code);

G_END_DECLS
