/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-keys.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "lw-test.h"

LwTestKeys *
lw_test_keys_new (void)
{
  g_autofree char *program = g_find_program_in_path ("openssl");
  LwTestKeys *self;

  if (program == NULL)
    return NULL;
  self = g_new0 (LwTestKeys, 1);
  self->folder = g_dir_make_tmp ("leeway-keys-XXXXXX", NULL);
  return self;
}

void
lw_test_keys_free (LwTestKeys *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = lw_test_keys_path (self, name);

      g_remove (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self);
}

char *
lw_test_keys_path (LwTestKeys *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static char *
run (LwTestKeys *self, GPtrArray *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = -1;

  g_ptr_array_add (argv, NULL);
  g_spawn_sync (self->folder, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                &errors, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("openssl %s: %s", (char *) g_ptr_array_index (argv, 1), errors);
  return g_steal_pointer (&output);
}

char *
lw_test_keys_openssl (LwTestKeys *self, const char *argument, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list args;

  g_ptr_array_add (argv, (char *) "openssl");
  va_start (args, argument);
  for (const char *next = argument; next != NULL; next = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) next);
  va_end (args);
  return run (self, argv);
}

/* What is between the lines that say what it is. */
static void
note_key (LwTestKeys *self, const char *name)
{
  g_autofree char *path = lw_test_keys_path (self, name);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] != '\0' && lines[i][0] != '-')
        lw_test_note_secret ("private_key", lines[i]);
    }
}

void
lw_test_keys_make (LwTestKeys *self,
                   const char *name,
                   const char *algorithm,
                   const char *begins,
                   const char *ends)
{
  g_autofree char *key = g_strconcat (name, ".key", NULL);
  g_autofree char *certificate = g_strconcat (name, ".crt", NULL);
  gboolean curve = g_str_equal (algorithm, "ec");

  g_free (lw_test_keys_openssl (self, "req", "-x509", "-newkey", algorithm, "-nodes", "-keyout",
                                key, "-out", certificate, "-subj", "/CN=leeway-test", "-not_before",
                                begins, "-not_after", ends, curve ? "-pkeyopt" : NULL,
                                "ec_paramgen_curve:prime256v1", NULL));
  note_key (self, key);
}

char *
lw_test_keys_join (LwTestKeys *self, const char *name, ...)
{
  g_autoptr (GString) all = g_string_new (NULL);
  char *path = lw_test_keys_path (self, name);
  va_list args;

  va_start (args, name);
  for (const char *next = va_arg (args, const char *); next != NULL;
       next = va_arg (args, const char *))
    {
      g_autofree char *from = lw_test_keys_path (self, next);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
      g_string_append (all, text);
    }
  va_end (args);
  g_assert_true (g_file_set_contents (path, all->str, (gssize) all->len, NULL));
  return path;
}
