/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What every store must do, on each that there is: test-stores KIND, where KIND is "folder", "no-link"
 * (a folder on a file system without link(2)), "tenant" or "azurite".
 */

#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw-stand.h"
#include "lw-store-suite.h"

#define RIVALS 8
#define NAMES  40

static LwStand *stand;
static gboolean links = TRUE;
static gboolean renames = TRUE;

/* In place of the C library's: a file system that lacks these says so. */
int
linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  if (!links)
    {
      errno = EPERM;
      return -1;
    }

  return (int) syscall (SYS_linkat, from_folder, from, to_folder, to, flags);
}

int
renameat2 (int from_folder, const char *from, int to_folder, const char *to, unsigned int flags)
{
  if (!renames)
    {
      errno = EINVAL;
      return -1;
    }

  return (int) syscall (SYS_renameat2, from_folder, from, to_folder, to, flags);
}

/* --- the suite ---------------------------------------------------------------------------------- */

static void
run_suite (gconstpointer data)
{
  g_autoptr (LwStore) store = lw_stand_open (stand);

  store_suite[GPOINTER_TO_UINT (data)].func (store);
}

static void
test_suite (gconstpointer data)
{
  lw_fiber_test_run (run_suite, data);
}

/* --- several processes -------------------------------------------------------------------------- */

static void
put_all (gconstpointer data)
{
  const char *const *files = data;
  g_autoptr (LwStore) store = lw_stand_open_files (files[1], files[2]);
  g_autoptr (GBytes) bytes = g_bytes_new (files[0], strlen (files[0]));
  g_autoptr (GString) won = g_string_new (NULL);
  g_autofree char *own = g_strconcat ("rival/own-", files[0], NULL);

  /* The connection is made before the start. */
  suite_put (store, LW_SHELF_EVIDENCE, own, "");
  lw_stand_rival_ready ();
  for (guint i = 0; i < NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("rivals/%06u.json", i);
      g_autoptr (GError) error = NULL;

      if (dex_await (lw_store_put_new (store, LW_SHELF_REQUESTS, name, bytes), &error))
        g_string_append_c (won, '1');
      else
        {
          g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
          g_string_append_c (won, '0');
        }
    }
  puts (won->str);
  fflush (stdout);
}

static void
check_winners (gconstpointer data)
{
  GPtrArray *lines = (GPtrArray *) data;
  g_autoptr (LwStore) store = lw_stand_open (stand);
  g_auto (GStrv) names =
      dex_await_boxed (lw_store_list (store, LW_SHELF_REQUESTS, "rivals/"), NULL);

  g_assert_cmpuint (g_strv_length (names), ==, NAMES);
  for (guint i = 0; i < NAMES; i++)
    {
      guint winners = 0;

      for (guint k = 0; k < lines->len; k++)
        {
          const char *won = g_ptr_array_index (lines, k);
          char number[4];

          g_assert_cmpuint (strlen (won), ==, NAMES);
          if (won[i] != '1')
            continue;
          /* Who was told to have won is whose bytes are there. */
          winners++;
          g_snprintf (number, sizeof number, "%u", k);
          suite_assert_holds (store, LW_SHELF_REQUESTS, names[i], number);
        }
      g_assert_cmpuint (winners, ==, 1);
    }
}

static void
test_processes (gconstpointer kind)
{
  const char *const arguments[] = { "--rival", kind, NULL };
  g_autoptr (GPtrArray) lines = lw_stand_run_rivals (stand, RIVALS, arguments);

  lw_fiber_test_run (check_winners, lines);
}

/* --- no way to put ------------------------------------------------------------------------------ */

static void
refuse_to_put (gconstpointer data)
{
  g_autoptr (LwStore) store = lw_stand_open (stand);
  g_autoptr (GBytes) bytes = suite_bytes ("x");

  renames = FALSE;
  lw_assert_rejects (lw_store_put_new (store, LW_SHELF_REQUESTS, "refused/000001.json", bytes),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED);
  renames = TRUE;
  suite_assert_lists (store, LW_SHELF_REQUESTS, "refused/", "");
}

static void
test_refused (void)
{
  lw_fiber_test_run (refuse_to_put, NULL);
}

int
main (int argc, char **argv)
{
  int status;
  const char *kind;

  dex_init ();
  if (argc == 6 && g_str_equal (argv[1], "--rival"))
    {
      links = !g_str_equal (argv[2], "no-link");
      lw_fiber_test_run (put_all, argv + 3);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("Usage: test-stores KIND");

  kind = argv[1];
  links = !g_str_equal (kind, "no-link");
  stand = lw_stand_start (g_str_equal (kind, "no-link") ? "folder" : kind);
  for (gsize i = 0; i < G_N_ELEMENTS (store_suite); i++)
    {
      g_autofree char *path = g_strdup_printf ("/stores/%s/%s", kind, store_suite[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_suite);
    }
  g_test_add_data_func ("/stores/processes", kind, test_processes);
  if (!links)
    g_test_add_func ("/stores/refused", test_refused);
  status = g_test_run ();
  lw_stand_stop (stand);

  return status;
}
