/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-csv.h"
#include "lw-exemptions-report.h"
#include "lw-json.h"
#include "lw-table.h"

static char *
row (LwCsvFlags flags, const char *a, const char *b)
{
  const char *const cells[] = { a, b, NULL };
  GString *out = g_string_new (NULL);

  lw_csv_append_row (out, cells, flags);
  return g_string_free_and_steal (out);
}

static void
test_csv (void)
{
  static const struct
  {
    LwCsvFlags flags;
    const char *cell;
    const char *written;
  } cases[] = {
    { LW_CSV_EXACT, "", "" },
    { LW_CSV_EXACT, "plain", "plain" },
    { LW_CSV_EXACT, "a,b", "\"a,b\"" },
    { LW_CSV_EXACT, "say \"x\"", "\"say \"\"x\"\"\"" },
    { LW_CSV_EXACT, "two\nlines", "\"two\nlines\"" },
    { LW_CSV_EXACT, " padded ", "\" padded \"" },
    { LW_CSV_EXACT, "=1+1", "=1+1" },
    { LW_CSV_EXACT, "a;b", "a;b" },
    { LW_CSV_SAFE, "=1+1", "'=1+1" },
    { LW_CSV_SAFE, "+1", "'+1" },
    { LW_CSV_SAFE, "-1", "'-1" },
    { LW_CSV_SAFE, "@SUM(A1)", "'@SUM(A1)" },
    { LW_CSV_SAFE, "\t=1", "'\t=1" },
    { LW_CSV_SAFE, "\r=1", "\"'\r=1\"" },
    { LW_CSV_SAFE, "=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"" },
    { LW_CSV_SAFE, "a=b", "a=b" },
    { LW_CSV_SAFE, "'quoted'", "'quoted'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *written = row (cases[i].flags, cases[i].cell, "end");
      g_autofree char *expected = g_strconcat (cases[i].written, ",end\r\n", NULL);

      g_assert_cmpstr (written, ==, expected);
    }
}

/* A reader of RFC 4180, written from the RFC: the cells of the first record, or NULL. */
static GPtrArray *
read_record (const char **at)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func (g_free);

  while (TRUE)
    {
      GString *cell = g_string_new (NULL);
      const char *p = *at;

      if (*p == '"')
        {
          for (p++; *p != '\0' && (p[0] != '"' || p[1] == '"'); p++)
            {
              g_string_append_c (cell, *p);
              p += *p == '"';
            }
          p++;
        }
      else
        while (*p != '\0' && *p != ',' && *p != '\r')
          g_string_append_c (cell, *p++);
      g_ptr_array_add (cells, g_string_free_and_steal (cell));
      *at = p + (*p == ',' ? 1 : 2);
      if (*p != ',')
        return cells;
    }
}

static void
test_csv_reads_back (void)
{
  static const char alphabet[] = "ab,\"\r\n =;";

  for (guint i = 0; i < 2000; i++)
    {
      char a[12] = { 0 };
      char b[12] = { 0 };
      g_autofree char *written = NULL;
      g_autoptr (GPtrArray) cells = NULL;
      const char *at;

      for (gint k = g_test_rand_int_range (0, 11); k > 0; k--)
        a[k - 1] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      for (gint k = g_test_rand_int_range (0, 11); k > 0; k--)
        b[k - 1] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      written = row (LW_CSV_EXACT, a, b);
      at = written;
      cells = read_record (&at);
      g_assert_cmpuint (cells->len, ==, 2);
      g_assert_cmpstr (g_ptr_array_index (cells, 0), ==, a);
      g_assert_cmpstr (g_ptr_array_index (cells, 1), ==, b);
      g_assert_cmpint (*at, ==, '\0');
    }
}

static void
test_table (void)
{
  const char *const headings[] = { "Name", "Owner", NULL };
  const char *const wide[] = { "日本語", "x", NULL };
  const char *const combining[] = { "e\xCC\x81", "y", NULL };
  const char *const hostile[] = { "a\x1B[31mb\nc\xE2\x80\xAE", "z", "surplus", NULL };
  const char *const missing[] = { "alone", NULL };
  g_autoptr (LwTable) table = lw_table_new (headings);
  g_autofree char *text = NULL;

  lw_table_add_row (table, wide);
  lw_table_add_row (table, combining);
  lw_table_add_row (table, hostile);
  lw_table_add_row (table, missing);
  text = lw_table_to_string (table);
  g_assert_cmpstr (text, ==,
                   "Name        Owner\n"
                   "日本語      x\n"
                   "e\xCC\x81           y\n"
                   "a\xEF\xBF\xBD[31mb c\xEF\xBF\xBD  z\n"
                   "alone\n");
}

static void
test_table_cuts (void)
{
  const char *const headings[] = { "N", NULL };
  const char *const cells[] = { "abcdef", NULL };
  const char *const fits[] = { "abcde", NULL };
  const char *const wide[] = { "日本語", NULL };
  g_autoptr (LwTable) table = lw_table_new (headings);
  g_autofree char *text = NULL;

  lw_table_set_max_width (table, 0, 5);
  lw_table_add_row (table, cells);
  lw_table_add_row (table, fits);
  lw_table_add_row (table, wide);
  text = lw_table_to_string (table);
  g_assert_cmpstr (text, ==, "N\nabcd…\nabcde\n日本…\n");
}

static GPtrArray *
exemptions (void)
{
  static const char *const texts[] = {
    "{\"id\":\"/subscriptions/s/resourceGroups/rg-a/providers/Microsoft.Authorization/"
    "policyExemptions/"
    "one\",\"name\":\"one\",\"properties\":{\"policyAssignmentId\":\"/subscriptions/s/providers/"
    "Microsoft.Authorization/policyAssignments/base\",\"displayName\":\"=Evil, \\\"x\\\"\","
    "\"exemptionCategory\":\"Waiver\",\"expiresOn\":\"2027-01-31T22:59:59Z\","
    "\"policyDefinitionReferenceIds\":[\"a\",\"b\"],\"metadata\":{\"requestedBy\":\"p@x\","
    "\"leeway\":"
    "{\"owner\":{\"upn\":\"d@x\"}}},\"unknown\":{\"kept\":[1.5]}}}",
    "{\"id\":\"/subscriptions/s/providers/Microsoft.Authorization/policyExemptions/two\"}",
  };
  GPtrArray *array = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = lw_json_parse_string (texts[i], NULL);

      g_ptr_array_add (array, lw_exemption_from_json (node, NULL));
    }
  return array;
}

static void
test_report_csv (void)
{
  g_autoptr (GPtrArray) list = exemptions ();
  g_autofree char *text = lw_exemptions_to_csv (list);
  const char *at = text;
  g_autoptr (GPtrArray) header = read_record (&at);
  g_autoptr (GPtrArray) one = read_record (&at);
  g_autoptr (GPtrArray) two = read_record (&at);

  g_assert_cmpstr (at, ==, "");
  g_assert_cmpuint (one->len, ==, header->len);
  g_assert_cmpuint (two->len, ==, header->len);
  for (guint i = 0; i < header->len; i++)
    {
      const char *name = g_ptr_array_index (header, i);
      const char *value = g_ptr_array_index (one, i);

      if (strcmp (name, "displayName") == 0)
        g_assert_cmpstr (value, ==, "'=Evil, \"x\"");
      else if (strcmp (name, "expiresOn") == 0)
        g_assert_cmpstr (value, ==, "2027-01-31T22:59:59Z");
      else if (strcmp (name, "policyDefinitionReferenceIds") == 0)
        g_assert_cmpstr (value, ==, "a;b");
      else if (strcmp (name, "owner") == 0)
        g_assert_cmpstr (value, ==, "d@x");
    }
}

static void
test_report_json (void)
{
  g_autoptr (GPtrArray) list = exemptions ();
  g_autofree char *text = lw_exemptions_to_json (list);
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);
  JsonArray *array = json_node_get_array (node);
  JsonObject *one = lw_json_array_get_object (array, 0);

  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_nonnull (lw_json_path (one, "properties.unknown.kept"));
  g_assert_true (g_str_has_suffix (text, "]\n"));
}

static void
test_report_table (void)
{
  g_autoptr (GPtrArray) list = exemptions ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autofree char *text = lw_exemptions_to_table (list);
  g_autofree char *empty = lw_exemptions_to_table (none);

  g_assert_cmpstr (text, ==,
                   "Exemption   Category  Expires     Policy  Scope  Owner\n"
                   "=Evil, \"x\"  Waiver    2027-01-31  base    rg-a   d@x\n"
                   "two                   never               s\n");
  g_assert_cmpstr (empty, ==, "Exemption  Category  Expires  Policy  Scope  Owner\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/cells", test_csv);
  g_test_add_func ("/csv/reads-back", test_csv_reads_back);
  g_test_add_func ("/table/text", test_table);
  g_test_add_func ("/table/cuts", test_table_cuts);
  g_test_add_func ("/report/csv", test_report_csv);
  g_test_add_func ("/report/json", test_report_json);
  g_test_add_func ("/report/table", test_report_table);
  return g_test_run ();
}
