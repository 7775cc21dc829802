/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fuzz.h"
#include "lw-json.h"
#include "lw-narrow.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 1024 * 1024, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwNarrow) question = node != NULL ? lw_narrow_from_json (node, &error) : NULL;
  g_autoptr (LwNarrowResult) result = question != NULL ? lw_narrow_run (question, &error) : NULL;
  g_autoptr (JsonNode) answer = result != NULL ? lw_narrow_result_to_json (result) : NULL;

  g_assert_true (node == NULL || result != NULL || error != NULL);
  for (guint i = 0; result != NULL && i < result->options->len; i++)
    {
      LwNarrowOption *option = g_ptr_array_index (result->options, i);
      g_autoptr (GPtrArray) affected = lw_narrow_result_affected (result, option);
      guint64 pairs = 0;
      guint needed = 0;

      for (guint j = 0; j < affected->len; j++)
        pairs += ((LwNarrowAffected *) affected->pdata[j])->pairs;
      for (guint j = 0; j < option->exemptions->len; j++)
        {
          LwNarrowExemption *exemption = g_ptr_array_index (option->exemptions, j);

          g_assert_cmpint (lw_scope_kind (exemption->scope), ==, exemption->kind);
          needed += exemption->needed;
        }
      g_assert_cmpuint (pairs, ==, option->collateral);
      g_assert_cmpuint (needed, ==, result->needed);
    }
  return 0;
}
