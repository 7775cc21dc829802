/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Exemptions in the formats of other tools. */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-domain-error.h"
#include "lw-export.h"
#include "lw-import.h"
#include "lw-json.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static void
print_notes (const char *where, GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    {
      g_autoptr (GString) line = g_string_new (where);

      g_string_append_printf (line, "%s%s", *where ? ": " : "",
                              (const char *) g_ptr_array_index (notes, i));
      lw_cli_make_printable (line);
      g_printerr ("%s %s\n", C_ ("in a list of problems", "note:"), line->str);
    }
}

static void
print_rows (const LwImport *import)
{
  for (guint i = 0; i < import->rows->len; i++)
    {
      LwImportRow *row = g_ptr_array_index (import->rows, i);
      g_autoptr (GString) line = g_string_new (row->where);

      print_notes (row->where, row->notes);
      if (!row->problem)
        continue;
      g_string_append_printf (line, ": %s", row->problem);
      lw_cli_make_printable (line);
      g_printerr ("%s\n", line->str);
    }
  print_notes ("", import->notes);
}

static gboolean
has_problems (const LwImport *import)
{
  for (guint i = 0; i < import->rows->len; i++)
    if (((LwImportRow *) g_ptr_array_index (import->rows, i))->problem)
      return TRUE;

  return FALSE;
}

LwExit
lw_cli_import (const LwCliArgs *args, GError **error)
{
  g_autoptr (GBytes) bytes = lw_cli_read (args->operand, LW_IMPORT_MAX_SIZE, error);
  g_autoptr (LwImport) import = bytes ? lw_import (bytes, args->from, error) : NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!import)
    return LW_EXIT_INPUT;

  print_rows (import);
  node = lw_import_to_json (import);
  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return has_problems (import) ? LW_EXIT_REFUSED : LW_EXIT_DONE;
}

/* Whether the file is a request or a draft; else it is a list of exemptions. */
static gboolean
is_request (GBytes *bytes)
{
  g_autoptr (JsonNode) node = lw_json_parse (bytes, LW_IMPORT_MAX_SIZE, NULL);
  JsonObject *object = lw_json_node_object (node);

  return object && json_object_has_member (object, "grants");
}

static GPtrArray *
exemptions_of_request (GBytes *bytes, GDateTime *now, GError **error)
{
  g_autoptr (LwRequest) request = lw_request_from_bytes (bytes, error);

  if (!request)
    return NULL;

  if (!request->id || !*request->id)
    {
      g_free (request->id);
      request->id = lw_uuid_v7 (g_get_real_time () / 1000);
    }

  return lw_export_request (request, now, error);
}

/* What could be read; the rest is said on standard error. */
static GPtrArray *
exemptions_of_file (const LwCliArgs *args, GBytes *bytes, gboolean *whole, GError **error)
{
  g_autoptr (LwImport) import = lw_import (bytes, args->from, error);

  if (!import)
    return NULL;

  print_rows (import);
  *whole = !has_problems (import);
  for (guint i = 0; i < import->rows->len; i++)
    {
      LwImportRow *row = g_ptr_array_index (import->rows, i);

      if (!row->exemption || !row->partial)
        continue;
      g_set_error (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
          _ ("This file does not hold all of each exemption (%s, say): what is written from it "
             "would take away the rest. Read the exemptions from Azure"),
          row->where);
      return NULL;
    }

  return lw_import_get_exemptions (import);
}

/* A folder of that name, with the files in it. */
static gboolean
write_folder (const LwCliArgs *args, GPtrArray *files, GError **error)
{
  g_autofree char *shown = args->output ? g_filename_display_name (args->output) : NULL;

  if (!args->output)
    {
      g_set_error (
          error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE,
          _ ("These are %u files, one for each scope that a template is deployed to: name a new "
             "folder with --output FOLDER"),
          files->len);
      return FALSE;
    }
  if (g_mkdir (args->output, 0777) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be made: %s"),
                   shown, g_strerror (errno));
      return FALSE;
    }
  for (guint i = 0; i < files->len; i++)
    {
      LwExportFile *file = g_ptr_array_index (files, i);
      g_autofree char *path = g_build_filename (args->output, file->name, NULL);

      if (!g_file_set_contents (path, file->text, -1, error))
        return FALSE;
    }

  return TRUE;
}

LwExit
lw_cli_export (const LwCliArgs *args, GError **error)
{
  g_autoptr (GDateTime) now = args->now ? g_date_time_ref (args->now) : g_date_time_new_now_utc ();
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) exemptions = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) text = NULL;
  gboolean whole = TRUE;
  LwExportTo to;

  if (!lw_export_to_from_string (args->to, &to))
    {
      g_set_error (error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE,
                   _ ("“%s” is no format that is written here (leewayctl --help says more)"),
                   args->to);
      return LW_EXIT_INPUT;
    }
  if (!(bytes = lw_cli_read (args->operand, LW_IMPORT_MAX_SIZE, error)))
    return LW_EXIT_INPUT;
  exemptions = is_request (bytes) ? exemptions_of_request (bytes, now, error)
                                  : exemptions_of_file (args, bytes, &whole, error);
  if (!exemptions || !(files = lw_export (exemptions, to, now, notes, error)))
    return LW_EXIT_INPUT;

  print_notes ("", notes);
  if (files->len != 1)
    return !write_folder (args, files, error) ? LW_EXIT_INPUT
                                              : (whole ? LW_EXIT_DONE : LW_EXIT_REFUSED);

  text = g_bytes_new_static (((LwExportFile *) g_ptr_array_index (files, 0))->text,
                             strlen (((LwExportFile *) g_ptr_array_index (files, 0))->text));

  if (!lw_cli_write (args, text, error))
    return LW_EXIT_INPUT;

  /* what was refused is missing in it */
  return whole ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}
