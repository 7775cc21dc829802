/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-word-diff.h"

/* "same [-removed-] {+added+}", the way people write word diffs. */
static char *
render (const char *before, const char *after)
{
  g_autoptr (GPtrArray) runs = lw_word_diff (before, after);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      const LwDiffRun *run = g_ptr_array_index (runs, i);

      if (i > 0)
        g_assert_cmpint (run->kind, !=, ((LwDiffRun *) g_ptr_array_index (runs, i - 1))->kind);
      if (run->kind == LW_DIFF_SAME)
        g_string_append (out, run->text);
      else
        g_string_append_printf (out, run->kind == LW_DIFF_ADDED ? "{+%s+}" : "[-%s-]", run->text);
    }
  return g_string_free (out, FALSE);
}

static void
assert_diff (const char *before, const char *after, const char *expected)
{
  g_autofree char *got = render (before, after);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_words (void)
{
  assert_diff ("reach our models today", "reach our models today", "reach our models today");
  assert_diff ("reach our models today", "reach aoai-eval today",
               "reach [-our models -]{+aoai-eval +}today");
  assert_diff ("does that soon.", "does that by 15 January.",
               "does that [-soon. -]{+by 15 January.+}");
  assert_diff ("a b c", "b c d", "[-a -]b c {+d+}");
}

static void
test_edges (void)
{
  assert_diff (NULL, NULL, "");
  assert_diff ("", "new text", "{+new text+}");
  assert_diff ("old text", NULL, "[-old text-]");
  assert_diff ("one two three", "one", "one[- two three-]");
  assert_diff ("same  words\nhere", "same words here", "same words here");
  assert_diff ("Für Übergänge gilt Straße", "Für Übergänge gilt Gasse",
               "Für Übergänge gilt [-Straße -]{+Gasse+}");
}

static char *
random_text (GRand *rand)
{
  GString *text = g_string_new (NULL);

  for (gint n = g_rand_int_range (rand, 0, 30); n > 0; n--)
    g_string_append_printf (text, "%c%s", 'a' + g_rand_int_range (rand, 0, 4),
                            g_rand_boolean (rand) ? " " : "\n ");
  return g_string_free (text, FALSE);
}

/* What the approver reads without the removed words is exactly what is asked for now. */
static void
test_after_is_kept (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint round = 0; round < 300; round++)
    {
      g_autofree char *before = random_text (rand);
      g_autofree char *after = random_text (rand);
      g_autoptr (GString) kept = g_string_new (NULL);
      g_autoptr (GPtrArray) runs = lw_word_diff (before, after);

      for (guint i = 0; i < runs->len; i++)
        {
          const LwDiffRun *run = g_ptr_array_index (runs, i);

          if (run->kind != LW_DIFF_REMOVED)
            g_string_append (kept, run->text);
        }
      g_assert_cmpstr (kept->str, ==, after);
    }
}

static void
test_long_texts (void)
{
  g_autoptr (GString) before = g_string_new ("begin ");
  g_autoptr (GString) after = g_string_new ("begin ");
  g_autoptr (GPtrArray) runs = NULL;

  for (guint i = 0; i < 20000; i++)
    {
      g_string_append_printf (before, "b%u ", i);
      g_string_append_printf (after, "a%u ", i);
    }
  g_string_append (before, "end");
  g_string_append (after, "end");
  runs = lw_word_diff (before->str, after->str);
  g_assert_cmpuint (runs->len, ==, 4);
  g_assert_cmpint (((LwDiffRun *) g_ptr_array_index (runs, 1))->kind, ==, LW_DIFF_REMOVED);
  g_assert_cmpint (((LwDiffRun *) g_ptr_array_index (runs, 2))->kind, ==, LW_DIFF_ADDED);
  g_assert_true (lw_word_diff_has_changes (runs));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/word-diff/words", test_words);
  g_test_add_func ("/word-diff/edges", test_edges);
  g_test_add_func ("/word-diff/after-is-kept", test_after_is_kept);
  g_test_add_func ("/word-diff/long-texts", test_long_texts);
  return g_test_run ();
}
