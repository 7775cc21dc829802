/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fuzz.h"
#include "lw-refusal.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (LwRefusalText) text = lw_refusal_parse (bytes);
  g_autoptr (LwRefusalText) copy = lw_refusal_text_copy (text);
  g_autoptr (JsonNode) node = lw_refusal_text_to_json (copy);

  for (guint i = 0; i < text->refusals->len; i++)
    {
      LwRefusal *refusal = g_ptr_array_index (text->refusals, i);

      /* what is said to be an id is one */
      if (refusal->resource != NULL)
        g_assert_cmpint (lw_scope_kind (refusal->resource), !=, LW_SCOPE_OTHER);
    }
  return 0;
}
