/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-csv.h"
#include "lw-exemptions-report.h"
#include "lw-json.h"
#include "lw-table.h"

/* Names of Azure where it has one, so that the file can be read by other tools. */
static const char *const csv_header[] = {
  "id",
  "scope",
  "name",
  "displayName",
  "exemptionCategory",
  "expiresOn",
  "policyAssignmentId",
  "policyDefinitionReferenceIds",
  "owner",
  "requestedBy",
  "approvedBy",
  "ticketRef",
  "request",
  "digest",
  "firstGranted",
  "createdAt",
  "createdBy",
  "lastModifiedAt",
  "description",
  NULL,
};

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

/* (transfer full): "" for none */
static char *
instant_text (GDateTime *instant)
{
  return instant != NULL ? lw_instant_format (instant) : g_strdup ("");
}

static char *
join (GPtrArray *strings, const char *separator)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < strings->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? separator : "",
                            (const char *) g_ptr_array_index (strings, i));
  return g_string_free_and_steal (out);
}

static void
append_csv (GString *out, LwExemption *exemption)
{
  g_autofree char *expires = instant_text (exemption->expires);
  g_autofree char *references = join (exemption->references, ";");
  g_autofree char *first = instant_text (exemption->first_granted);
  g_autofree char *created = instant_text (exemption->created);
  g_autofree char *modified = instant_text (exemption->modified);
  const char *const cells[] = {
    exemption->id,
    exemption->scope,
    exemption->name,
    exemption->display_name,
    exemption->category,
    expires,
    exemption->assignment_id,
    references,
    or_empty (exemption->owner),
    or_empty (exemption->requested_by),
    or_empty (exemption->approved_by),
    or_empty (exemption->ticket),
    or_empty (exemption->request_id),
    or_empty (exemption->digest),
    first,
    created,
    or_empty (exemption->created_by),
    modified,
    or_empty (exemption->description),
    NULL,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (cells) == G_N_ELEMENTS (csv_header));
  lw_csv_append_row (out, cells, LW_CSV_SAFE);
}

char *
lw_exemptions_to_csv (GPtrArray *exemptions)
{
  GString *out = g_string_new (NULL);

  lw_csv_append_row (out, csv_header, LW_CSV_EXACT);
  for (guint i = 0; i < exemptions->len; i++)
    append_csv (out, g_ptr_array_index (exemptions, i));
  return g_string_free_and_steal (out);
}

char *
lw_exemptions_to_json (GPtrArray *exemptions)
{
  g_autoptr (JsonArray) array = json_array_sized_new (exemptions->len);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < exemptions->len; i++)
    json_array_add_element (array, lw_exemption_to_json (g_ptr_array_index (exemptions, i)));
  node = json_node_init_array (json_node_alloc (), array);
  text = lw_json_pretty (node);
  return g_strconcat (text, "\n", NULL);
}

/* The day, which is what a table has room for. */
static char *
expiry_text (LwExemption *exemption)
{
  char *text;

  if (exemption->expires == NULL)
    /* Translators: in a table, of an exemption that has no expiry. */
    return g_strdup (C_ ("expiry", "never"));
  text = lw_instant_format (exemption->expires);
  text[10] = '\0';
  return text;
}

char *
lw_exemptions_to_table (GPtrArray *exemptions)
{
  const char *const headings[] = { _ ("Exemption"), _ ("Category"), _ ("Expires"), _ ("Policy"),
                                   _ ("Scope"),     _ ("Owner"),    NULL };
  g_autoptr (LwTable) table = lw_table_new (headings);

  lw_table_set_max_width (table, 0, 48);
  lw_table_set_max_width (table, 3, 32);
  lw_table_set_max_width (table, 4, 32);
  for (guint i = 0; i < exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (exemptions, i);
      g_autofree char *expires = expiry_text (exemption);
      g_autofree char *policy = lw_arm_id_name (exemption->assignment_id);
      g_autofree char *scope = lw_arm_id_name (exemption->scope);
      const char *const cells[] = {
        exemption->display_name,
        exemption->category,
        expires,
        policy,
        scope,
        or_empty (exemption->owner),
        NULL,
      };

      lw_table_add_row (table, cells);
    }
  return lw_table_to_string (table);
}
