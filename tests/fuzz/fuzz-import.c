/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-export.h"
#include "lw-fuzz.h"
#include "lw-import.h"

/* What was read can be written in every format, and what Azure's own shape was written as reads the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 12, 0, 0);
  g_autoptr (LwImport) import = lw_import (bytes, NULL, NULL);
  g_autoptr (GPtrArray) exemptions = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (import == NULL)
    return 0;
  node = lw_import_to_json (import);
  exemptions = lw_import_get_exemptions (import);
  for (guint i = 0; i < import->rows->len; i++)
    {
      LwImportRow *row = g_ptr_array_index (import->rows, i);

      /* one of both, and never neither */
      g_assert_true ((row->exemption != NULL) != (row->problem != NULL));
    }
  for (LwExportTo to = LW_EXPORT_ARM; to <= LW_EXPORT_REST; to++)
    {
      g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) files = lw_export (exemptions, to, now, notes, &error);

      g_assert_true ((files != NULL) != (error != NULL));
      for (guint i = 0; files != NULL && i < files->len; i++)
        g_assert_true (
            g_utf8_validate (((LwExportFile *) g_ptr_array_index (files, i))->text, -1, NULL));
    }
  return 0;
}
