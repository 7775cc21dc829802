/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a crash leaves behind. The program runs itself with "crash", to die with a secret in its memory. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lw-core-dump.h"
#include "lw-test.h"

/* Put together at run time, so that no part of the program's file holds it. */
static char *
make_secret (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 40; i++)
    g_string_append_c (text, (char) ('a' + (i * i + 7 * i) % 26));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static int
crash (gboolean guarded)
{
  const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
  g_autofree char *secret = make_secret ();
  char on_stack[64];

  setrlimit (RLIMIT_CORE, &all);
  g_strlcpy (on_stack, secret, sizeof on_stack);
  if (guarded)
    lw_core_dump_leave_memory_out ();
  g_printerr ("%c%c\n", secret[0], on_stack[1]);
  abort ();
}

/* Lets it crash in @folder, and says what the kernel would have kept. */
static void
let_crash (const char *folder, const char *how)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_unsetenv (launcher, "LEEWAY_DEBUG");
  process = g_subprocess_launcher_spawn (launcher, &error, self, how, NULL);
  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (process));
}

/* Whether a core in @folder holds the secret. -1 where there is none: a collector may have taken it, or
 * the machine keeps none. The folder is emptied. */
static int
secret_is_in_core (const char *folder)
{
  g_autofree char *secret = make_secret ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int found = -1;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GMappedFile) core = g_mapped_file_new (path, FALSE, NULL);

      if (core != NULL && g_mapped_file_get_length (core) > 0)
        found = memmem (g_mapped_file_get_contents (core), g_mapped_file_get_length (core), secret,
                        strlen (secret)) != NULL;
      g_remove (path);
    }
  return found;
}

static void
test_core (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-core-XXXXXX", NULL);
  int bare, guarded;

  let_crash (folder, "crash-bare");
  bare = secret_is_in_core (folder);
  let_crash (folder, "crash");
  guarded = secret_is_in_core (folder);
  /* the first shows that the second could have failed */
  g_test_message ("without the guard %d, with it %d", bare, guarded);
  g_assert_cmpint (bare, !=, 0);
  g_assert_cmpint (guarded, <=, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_filter (void)
{
  g_autofree char *before = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *after = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/coredump_filter", &before, NULL, NULL));
  g_setenv ("LEEWAY_DEBUG", "core", TRUE);
  lw_core_dump_leave_memory_out ();
  g_assert_true (g_file_get_contents ("/proc/self/coredump_filter", &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, before);
  g_unsetenv ("LEEWAY_DEBUG");
  lw_core_dump_leave_memory_out ();
  g_assert_true (g_file_get_contents ("/proc/self/coredump_filter", &after, NULL, NULL));
  g_assert_cmpuint (g_ascii_strtoull (after, NULL, 16) & ~0x10ULL, ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_has_prefix (argv[1], "crash"))
    return crash (g_str_equal (argv[1], "crash"));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core-dump/memory", test_core);
  g_test_add_func ("/core-dump/filter", test_filter);
  return g_test_run ();
}
