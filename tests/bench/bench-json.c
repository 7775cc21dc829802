/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the strict reader and the canonical writer compare with json-glib's own, on an answer of a
 * thousand exemptions. Nothing is asserted: the figures are ratios of one run on one machine. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-policy.h"

#define EXEMPTIONS 1000
#define ROUNDS     21

static char *
make_answer (void)
{
  GString *text = g_string_new ("{\"value\":[");

  for (guint i = 0; i < EXEMPTIONS; i++)
    g_string_append_printf (
        text,
        "%s{\"properties\":{\"policyAssignmentId\":\"/providers/Microsoft.Management/"
        "managementGroups/contoso/providers/Microsoft.Authorization/policyAssignments/a%u\","
        "\"policyDefinitionReferenceIds\":[\"one\",\"two\"],\"exemptionCategory\":\"Waiver\","
        "\"displayName\":\"Exemption number %u\",\"description\":\"Zwölf Boxkämpfer jagen Viktor\","
        "\"expiresOn\":\"2027-01-01T00:00:00Z\",\"metadata\":{\"requestedBy\":\"someone\","
        "\"count\":%u,\"share\":0.25}},\"id\":\"/subscriptions/00000000-0000-4000-8000-000000000000"
        "/providers/Microsoft.Authorization/policyExemptions/e%u\",\"name\":\"e%u\","
        "\"type\":\"Microsoft.Authorization/policyExemptions\","
        "\"systemData\":{\"createdAt\":\"2026-01-01T00:00:00.1234567Z\"}}",
        i > 0 ? "," : "", i % 40, i, i, i, i);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

typedef void (*Work) (gpointer data);

/* The median of several rounds, in milliseconds. */
static double
median (Work work, gpointer data)
{
  double times[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 start = g_get_monotonic_time ();

      work (data);
      times[i] = (double) (g_get_monotonic_time () - start) / 1000.0;
    }
  qsort (times, ROUNDS, sizeof *times, compare);
  return times[ROUNDS / 2];
}

static void
read_strictly (gpointer data)
{
  g_autoptr (JsonNode) node = lw_json_parse (data, 0, NULL);

  g_assert_nonnull (node);
}

static void
read_with_json_glib (gpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  g_assert_true (json_parser_load_from_data (parser, g_bytes_get_data (data, NULL),
                                             (gssize) g_bytes_get_size (data), NULL));
}

static void
write_canonically (gpointer data)
{
  g_autofree char *text = lw_json_canonical (data, NULL);

  g_assert_nonnull (text);
}

static void
write_with_json_glib (gpointer data)
{
  g_autofree char *text = json_to_string (data, FALSE);

  g_assert_nonnull (text);
}

static void
make_exemptions (gpointer data)
{
  JsonArray *array = lw_json_get_array (lw_json_node_object (data), "value");

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr (LwExemption) exemption =
          lw_exemption_from_json (json_array_get_element (array, i), NULL);

      g_assert_nonnull (exemption);
    }
}

static void
report (const char *what, double ours, const char *peer, double theirs)
{
  g_print ("%-38s %7.2f ms   %-24s %7.2f ms   ratio %.2f\n", what, ours, peer, theirs,
           ours / theirs);
}

int
main (void)
{
  g_autofree char *text = make_answer ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 0, NULL);

  g_print ("An answer of %d exemptions, %.0f KiB; medians of %d rounds\n", EXEMPTIONS,
           (double) strlen (text) / 1024, ROUNDS);
  report ("read strictly", median (read_strictly, bytes), "json-glib's parser",
          median (read_with_json_glib, bytes));
  report ("write canonically", median (write_canonically, node), "json-glib's generator",
          median (write_with_json_glib, node));
  report ("exemptions from nodes", median (make_exemptions, node), "json-glib's parser",
          median (read_with_json_glib, bytes));
  return 0;
}
