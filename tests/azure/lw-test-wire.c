/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-wire.h"

LwAnswer *
lw_test_wire_get (LwWire *wire, const char *url, guint timeout_ms, GError **error)
{
  const LwWireRequest request = {
    .method = "GET", .url = url, .timeout_ms = timeout_ms, .idempotent = TRUE
  };

  return lw_test_boxed (lw_wire_send (wire, &request), error);
}

GError *
lw_test_wire_expect (LwWire *wire, const char *url, guint timeout_ms, LwAzureError code)
{
  GError *error = NULL;

  g_assert_null (lw_test_wire_get (wire, url, timeout_ms, &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  return error;
}
