/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Scripts of az and of Azure PowerShell. Where their own commands would read a value as something else, or do
 * not know a property, the script sends what Azure's API takes. */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* "/subscriptions/…?api-version=…", escaped. (transfer full) */
static char *
address_of (const LwExportItem *item)
{
  g_autofree char *path = g_uri_escape_string (item->id, "/", FALSE);

  return g_strdup_printf ("%s?api-version=%s", path, lw_export_api_version (item));
}

static void
append_title (GString *out, const LwExportItem *item)
{
  const char *title = lw_export_text (item, "displayName");
  g_autofree char *shown = lw_code_comment (title != NULL ? title : item->name);
  g_autofree char *ascii = g_str_to_ascii (shown, "C");

  g_string_append_printf (out, "\n# %s\n", ascii);
}

/* --- az ----------------------------------------------------------------------------------------------- */

/* az takes "@file", "??", "null" and, in lists, brackets and quotes for something else, and a word that
 * begins with a dash for an option. */
static gboolean
is_plain (const char *text)
{
  guchar first = (guchar) text[0];

  return (g_ascii_isalnum (first) || first >= 0x80 || first == '/') && strcmp (text, "null") != 0;
}

static gboolean
fits_az (const LwExportItem *item)
{
  static const char *const members[] = { "policyAssignmentId", "exemptionCategory", "displayName",
                                         "description",        "expiresOn",         NULL };
  const char *category = lw_export_text (item, "exemptionCategory");
  JsonArray *references = lw_json_get_array (item->properties, "policyDefinitionReferenceIds");

  if (lw_export_has_unknown (item) || lw_export_has_principals (item) || !is_plain (item->name) ||
      (strcmp (category, "Waiver") != 0 && strcmp (category, "Mitigated") != 0))
    return FALSE;
  for (guint i = 0; members[i] != NULL; i++)
    if (lw_export_text (item, members[i]) != NULL && !is_plain (lw_export_text (item, members[i])))
      return FALSE;
  for (guint i = 0; references != NULL && i < json_array_get_length (references); i++)
    {
      const char *text = lw_json_array_get_string (references, i);

      if (text == NULL || !is_plain (text) || strpbrk (text, "[]{}'\"=,\n") != NULL)
        return FALSE;
    }
  return TRUE;
}

static void
append_az_option (GString *out, const char *option, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (out, " \\\n  %s ", option);
  lw_code_append_shell (out, text);
}

static void
append_az_json (GString *out, const char *option, JsonNode *node)
{
  g_autofree char *json = node != NULL ? lw_code_json (node) : NULL;

  append_az_option (out, option, json);
}

/* az calls it "not-in". (nullable) (transfer full) */
static JsonNode *
az_selectors (const LwExportItem *item)
{
  JsonArray *all = lw_json_array_copy (lw_json_get_array (item->properties, "resourceSelectors"));
  JsonNode *node;

  if (all == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonArray *selectors = lw_json_get_array (lw_json_array_get_object (all, i), "selectors");

      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        {
          JsonObject *selector = lw_json_array_get_object (selectors, j);

          if (selector == NULL || !json_object_has_member (selector, "notIn"))
            continue;
          json_object_set_member (selector, "not-in", json_object_dup_member (selector, "notIn"));
          json_object_remove_member (selector, "notIn");
        }
    }
  node = json_node_init_array (json_node_alloc (), all);
  json_array_unref (all);
  return node;
}

static void
append_az (GString *out, const LwExportItem *item)
{
  JsonArray *references = lw_json_get_array (item->properties, "policyDefinitionReferenceIds");
  JsonNode *metadata = json_object_get_member (item->properties, "metadata");
  g_autoptr (JsonNode) selectors = az_selectors (item);

  g_string_append (out, "az policy exemption create");
  append_az_option (out, "--name", item->name);
  append_az_option (out, "--scope", item->scope);
  append_az_option (out, "--policy-assignment", lw_export_text (item, "policyAssignmentId"));
  append_az_option (out, "--exemption-category", lw_export_text (item, "exemptionCategory"));
  append_az_option (out, "--display-name", lw_export_text (item, "displayName"));
  append_az_option (out, "--description", lw_export_text (item, "description"));
  append_az_option (out, "--expires-on", lw_export_text (item, "expiresOn"));
  for (guint i = 0; references != NULL && i < json_array_get_length (references); i++)
    {
      g_string_append (out, i == 0 ? " \\\n  --policy-definition-reference-ids" : "");
      g_string_append_c (out, ' ');
      lw_code_append_shell (out, lw_json_array_get_string (references, i));
    }
  append_az_json (out, "--resource-selectors", selectors);
  append_az_option (out, "--assignment-scope-validation",
                    lw_export_text (item, "assignmentScopeValidation"));
  append_az_json (out, "--metadata", metadata);
  g_string_append_c (out, '\n');
}

gboolean
lw_export_az (LwExport *self, GError **error)
{
  GString *out = g_string_new ("#!/bin/sh\nset -eu\n");

  for (guint i = 0; i < self->items->len; i++)
    {
      const LwExportItem *item = g_ptr_array_index (self->items, i);

      append_title (out, item);
      if (fits_az (item))
        append_az (out, item);
      else
        {
          g_autofree char *url = address_of (item);
          g_autofree char *body = lw_export_body (item);

          lw_export_note (self,
                          _ ("%s: written as “az rest”, as “az policy exemption” cannot take all "
                             "of it."),
                          item->name);
          g_string_append (out, "az rest --method put");
          append_az_option (out, "--url", url);
          append_az_option (out, "--body", body);
          g_string_append_c (out, '\n');
        }
    }
  lw_export_add_file (self, "exemptions", "sh", out);
  return TRUE;
}

/* --- PowerShell --------------------------------------------------------------------------------------- */

static void
append_parameter (GString *out, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (out, " `\n  %s ", name);
  lw_code_append_powershell (out, text);
}

static void
append_strings (GString *out, JsonArray *strings)
{
  g_string_append (out, "@(");
  for (guint i = 0; strings != NULL && i < json_array_get_length (strings); i++)
    {
      const char *text = lw_json_array_get_string (strings, i);

      g_string_append (out, i > 0 ? ", " : "");
      lw_code_append_powershell (out, text != NULL ? text : "");
    }
  g_string_append_c (out, ')');
}

/* @{Name='…'; Selector=@(@{Kind='…'; In=@('…')})} */
static void
append_selectors (GString *out, JsonArray *all)
{
  g_string_append (out, " `\n  -ResourceSelector @(");
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *one = lw_json_array_get_object (all, i);
      JsonArray *selectors = lw_json_get_array (one, "selectors");
      const char *name = lw_json_get_string (one, "name");

      g_string_append (out, i > 0 ? ", @{" : "@{");
      if (name != NULL)
        {
          g_string_append (out, "Name=");
          lw_code_append_powershell (out, name);
          g_string_append (out, "; ");
        }
      g_string_append (out, "Selector=@(");
      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        {
          JsonObject *selector = lw_json_array_get_object (selectors, j);
          JsonArray *in = lw_json_get_array (selector, "in");
          const char *kind = lw_json_get_string (selector, "kind");

          g_string_append (out, j > 0 ? ", @{Kind=" : "@{Kind=");
          lw_code_append_powershell (out, kind != NULL ? kind : "");
          g_string_append (out, in != NULL ? "; In=" : "; NotIn=");
          append_strings (out, in != NULL ? in : lw_json_get_array (selector, "notIn"));
          g_string_append_c (out, '}');
        }
      g_string_append (out, ")}");
    }
  g_string_append_c (out, ')');
}

static void
append_powershell (GString *out, const LwExportItem *item)
{
  JsonArray *references = lw_json_get_array (item->properties, "policyDefinitionReferenceIds");
  JsonArray *selectors = lw_json_get_array (item->properties, "resourceSelectors");
  JsonNode *metadata = json_object_get_member (item->properties, "metadata");
  const char *expires = lw_export_text (item, "expiresOn");

  g_string_append (out, "$assignment = Get-AzPolicyAssignment -Id ");
  lw_code_append_powershell (out, lw_export_text (item, "policyAssignmentId"));
  g_string_append (out, "\nNew-AzPolicyExemption");
  append_parameter (out, "-Name", item->name);
  append_parameter (out, "-Scope", item->scope);
  g_string_append (out, " `\n  -PolicyAssignment $assignment");
  append_parameter (out, "-ExemptionCategory", lw_export_text (item, "exemptionCategory"));
  append_parameter (out, "-DisplayName", lw_export_text (item, "displayName"));
  append_parameter (out, "-Description", lw_export_text (item, "description"));
  if (expires != NULL)
    {
      g_string_append (out, " `\n  -ExpiresOn ([datetimeoffset]");
      lw_code_append_powershell (out, expires);
      g_string_append (out, ").UtcDateTime");
    }
  if (references != NULL)
    {
      g_string_append (out, " `\n  -PolicyDefinitionReferenceId ");
      append_strings (out, references);
    }
  if (selectors != NULL)
    append_selectors (out, selectors);
  append_parameter (out, "-AssignmentScopeValidation",
                    lw_export_text (item, "assignmentScopeValidation"));
  if (metadata != NULL)
    {
      g_autofree char *json = lw_code_json (metadata);

      append_parameter (out, "-Metadata", json);
    }
  g_string_append_c (out, '\n');
}

gboolean
lw_export_powershell (LwExport *self, GError **error)
{
  GString *out = g_string_new ("$ErrorActionPreference = 'Stop'\n");

  for (guint i = 0; i < self->items->len; i++)
    {
      const LwExportItem *item = g_ptr_array_index (self->items, i);

      append_title (out, item);
      if (!lw_export_has_unknown (item) && !lw_export_has_principals (item))
        append_powershell (out, item);
      else
        {
          g_autofree char *url = address_of (item);
          g_autofree char *body = lw_export_body (item);

          lw_export_note (self,
                          _ ("%s: written as “Invoke-AzRestMethod”, as “New-AzPolicyExemption” "
                             "cannot take all of it."),
                          item->name);
          g_string_append (out, "Invoke-AzRestMethod -Method PUT");
          append_parameter (out, "-Path", url);
          append_parameter (out, "-Payload", body);
          g_string_append_c (out, '\n');
        }
    }
  lw_export_add_file (self, "exemptions", "ps1", out);
  return TRUE;
}
