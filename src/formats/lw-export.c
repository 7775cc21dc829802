/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-export-private.h"
#include "lw-grant-write.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define VERSION_SELECTORS  "2024-12-01-preview"
#define VERSION_PRINCIPALS "2026-01-01-preview"

static const struct
{
  const char *name;
  LwExportTo to;
  gboolean (*write) (LwExport *self, GError **error);
} formats[] = {
  { "arm", LW_EXPORT_ARM, lw_export_arm },
  { "bicep", LW_EXPORT_BICEP, lw_export_bicep },
  { "terraform", LW_EXPORT_TERRAFORM, lw_export_terraform },
  { "az", LW_EXPORT_AZ, lw_export_az },
  { "powershell", LW_EXPORT_POWERSHELL, lw_export_powershell },
  { "epac", LW_EXPORT_EPAC, lw_export_epac },
  { "epac-csv", LW_EXPORT_EPAC_CSV, lw_export_epac_csv },
  { "ics", LW_EXPORT_ICS, lw_export_ics },
  { "rest", LW_EXPORT_REST, NULL },
};

/* In the order in which they are written. */
static const char *const known[] = { "policyAssignmentId", "policyDefinitionReferenceIds",
                                     "exemptionCategory",  "displayName",
                                     "description",        "expiresOn",
                                     "resourceSelectors",  "assignmentScopeValidation",
                                     "metadata",           NULL };

static const char *const stamps[] = { "createdBy", "createdOn",         "updatedBy",
                                      "updatedOn", "lastSyncedToArgOn", NULL };

gboolean
lw_export_to_from_string (const char *name, LwExportTo *to)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_strcmp0 (name, formats[i].name) == 0)
      {
        *to = formats[i].to;
        return TRUE;
      }
  return FALSE;
}

void
lw_export_file_free (LwExportFile *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->text);
  g_free (self);
}

/* --- items -------------------------------------------------------------------------------------------- */

static void
item_free (LwExportItem *self)
{
  g_free (self->id);
  g_free (self->scope);
  g_free (self->name);
  g_clear_pointer (&self->expires, g_date_time_unref);
  json_object_unref (self->properties);
  g_free (self);
}

/* The fixed segments in Azure's casing. */
static char *
canonical_id (const char *id)
{
  static const char *const fixed[] = {
    "subscriptions",        "resourceGroups",    "providers",         "Microsoft.Authorization",
    "policyExemptions",     "policyAssignments", "policyDefinitions", "policySetDefinitions",
    "Microsoft.Management", "managementGroups"
  };
  g_autofree char *normal = lw_arm_id_normalize (id);
  g_auto (GStrv) parts = g_strsplit (normal, "/", -1);

  for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (fixed); j++)
      /* every other segment is a name, but for the one behind "providers" */
      if (g_ascii_strcasecmp (parts[i], fixed[j]) == 0 &&
          (i % 2 == 1 || strcmp (parts[i - 1], "providers") == 0))
        g_set_str (&parts[i], fixed[j]);
  return g_strjoinv ("/", parts);
}

static gboolean
is_empty (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  return json_node_get_value_type (node) == G_TYPE_STRING && json_node_get_string (node)[0] == '\0';
}

static void
copy_member (JsonObject *from, JsonObject *to, const char *member)
{
  JsonNode *node = json_object_get_member (from, member);

  if (node != NULL && !is_empty (node))
    json_object_set_member (to, member, lw_json_node_copy (node));
}

gboolean
lw_export_is_known (const char *member)
{
  return g_strv_contains (known, member);
}

static void
tidy (LwExportItem *item)
{
  JsonObject *metadata = lw_json_get_object (item->properties, "metadata");
  const char *assignment = lw_json_get_string (item->properties, "policyAssignmentId");

  for (guint i = 0; metadata != NULL && stamps[i] != NULL; i++)
    if (json_object_has_member (metadata, stamps[i]))
      json_object_remove_member (metadata, stamps[i]);
  if (metadata != NULL && json_object_get_size (metadata) == 0)
    json_object_remove_member (item->properties, "metadata");
  if (item->expires != NULL)
    {
      g_autofree char *text = lw_instant_format (item->expires);

      json_object_set_string_member (item->properties, "expiresOn", text);
    }
  if (assignment != NULL)
    {
      g_autofree char *id = canonical_id (assignment);

      json_object_set_string_member (item->properties, "policyAssignmentId", id);
    }
}

static LwExportItem *
item_new (LwExemption *exemption)
{
  LwExportItem *item = g_new0 (LwExportItem, 1);
  JsonObject *properties = lw_json_get_object (exemption->json, "properties");
  g_autoptr (GList) members = properties != NULL ? json_object_get_members (properties) : NULL;

  item->id = canonical_id (exemption->id);
  if (!lw_arm_id_split (item->id, LW_EXEMPTIONS_TYPE, &item->scope, &item->name))
    {
      item->scope = g_strdup (exemption->scope);
      item->name = g_strdup (exemption->name);
    }
  item->kind = lw_scope_kind (item->scope);
  item->exists = lw_json_get_object (exemption->json, "systemData") != NULL;
  item->expires = exemption->expires != NULL ? g_date_time_ref (exemption->expires) : NULL;
  item->properties = json_object_new ();
  for (guint i = 0; properties != NULL && known[i] != NULL; i++)
    copy_member (properties, item->properties, known[i]);
  for (GList *l = members; l != NULL; l = l->next)
    if (!lw_export_is_known (l->data))
      copy_member (properties, item->properties, l->data);
  tidy (item);
  return item;
}

const char *
lw_export_text (const LwExportItem *item, const char *member)
{
  return lw_json_get_string (item->properties, member);
}

gboolean
lw_export_has_unknown (const LwExportItem *item)
{
  g_autoptr (GList) members = json_object_get_members (item->properties);

  for (GList *l = members; l != NULL; l = l->next)
    if (!lw_export_is_known (l->data))
      return TRUE;
  return FALSE;
}

gboolean
lw_export_has_principals (const LwExportItem *item)
{
  static const char *const plain[] = { "resourceLocation", "resourceType",
                                       "resourceWithoutLocation", "policyDefinitionReferenceId",
                                       NULL };
  JsonArray *all = lw_json_get_array (item->properties, "resourceSelectors");

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonArray *selectors = lw_json_get_array (lw_json_array_get_object (all, i), "selectors");

      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        {
          const char *kind = lw_json_get_string (lw_json_array_get_object (selectors, j), "kind");

          if (kind == NULL || !g_strv_contains (plain, kind))
            return TRUE;
        }
    }
  return FALSE;
}

const char *
lw_export_api_version (const LwExportItem *item)
{
  return lw_export_has_unknown (item) || lw_export_has_principals (item) ? VERSION_PRINCIPALS
                                                                         : VERSION_SELECTORS;
}

char *
lw_export_body (const LwExportItem *item)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  json_object_set_object_member (body, "properties", json_object_ref (item->properties));
  node = json_node_init_object (json_node_alloc (), body);
  return lw_code_json (node);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

void
lw_export_note (LwExport *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

static char *
safe_name (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0' && out->len < 60; p++)
    g_string_append_c (out, g_ascii_isalnum (*p) || *p == '-' || *p == '_' ? *p : '_');
  return g_string_free_and_steal (out);
}

void
lw_export_add_file (LwExport *self, const char *stem, const char *extension, GString *text)
{
  LwExportFile *file = g_new0 (LwExportFile, 1);
  g_autofree char *safe = safe_name (stem);

  file->name = g_strdup_printf ("%s.%s", safe, extension);
  for (guint i = 0; i < self->files->len; i++)
    if (g_ascii_strcasecmp (((LwExportFile *) g_ptr_array_index (self->files, i))->name,
                            file->name) == 0)
      {
        g_free (file->name);
        file->name = g_strdup_printf ("%s-%u.%s", safe, self->files->len + 1, extension);
        break;
      }
  if (!g_str_has_suffix (text->str, "\n"))
    g_string_append_c (text, '\n');
  file->text = g_string_free_and_steal (text);
  g_ptr_array_add (self->files, file);
}

char *
lw_export_symbol (GHashTable *seen, const char *name)
{
  g_autoptr (GString) out = g_string_new ("exm_");
  guint n = 1;
  char *symbol;

  for (const char *p = name; *p != '\0' && out->len < 60; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (out, *p);
    else if (out->str[out->len - 1] != '_')
      g_string_append_c (out, '_');
  symbol = g_strdup (out->str);
  while (g_hash_table_contains (seen, symbol))
    {
      g_free (symbol);
      symbol = g_strdup_printf ("%s_%u", out->str, ++n);
    }
  g_hash_table_add (seen, g_strdup (symbol));
  return symbol;
}

static void
write_rest (LwExport *self, GPtrArray *exemptions)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *value = json_array_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < exemptions->len; i++)
    json_array_add_element (value, lw_exemption_to_json (g_ptr_array_index (exemptions, i)));
  json_object_set_array_member (object, "value", value);
  node = json_node_init_object (json_node_alloc (), object);
  text = lw_json_pretty (node);
  lw_export_add_file (self, "exemptions", "json", g_string_new (text));
}

static gboolean
check (LwExportItem *item, GError **error)
{
  g_autofree char *shown = lw_code_comment (item->id);

  if (item->scope[0] == '/' && item->name[0] != '\0' && strchr (item->name, '/') == NULL &&
      lw_export_text (item, "policyAssignmentId") != NULL &&
      lw_export_text (item, "exemptionCategory") != NULL)
    return TRUE;
  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               _ ("“%s” is no whole exemption: it needs an id, an assignment and a category"),
               shown);
  return FALSE;
}

GPtrArray *
lw_export (GPtrArray *exemptions, LwExportTo to, GDateTime *now, GPtrArray *notes, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_export_file_free);
  LwExport self = { items, now, notes, files };

  if (to == LW_EXPORT_REST)
    {
      write_rest (&self, exemptions);
      return g_steal_pointer (&files);
    }
  for (guint i = 0; i < exemptions->len; i++)
    {
      g_ptr_array_add (items, item_new (g_ptr_array_index (exemptions, i)));
      if (!check (g_ptr_array_index (items, i), error))
        return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].to == to && !formats[i].write (&self, error))
      return NULL;
  return g_steal_pointer (&files);
}

static void
forget_approval (JsonObject *body)
{
  JsonObject *metadata = lw_json_get_object (lw_json_get_object (body, "properties"), "metadata");
  JsonObject *leeway = lw_json_get_object (metadata, "leeway");

  for (guint i = 0; metadata != NULL && i < 2; i++)
    if (json_object_has_member (metadata, i == 0 ? "approvedBy" : "approvedOn"))
      json_object_remove_member (metadata, i == 0 ? "approvedBy" : "approvedOn");
  if (leeway != NULL && json_object_has_member (leeway, "firstGranted"))
    json_object_remove_member (leeway, "firstGranted");
}

GPtrArray *
lw_export_request (const LwRequest *request, GDateTime *now, GError **error)
{
  g_autoptr (GPtrArray) exemptions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);
  g_autofree char *digest = lw_request_digest (request, error);

  if (digest == NULL)
    return NULL;
  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);
      g_autofree char *id = NULL;
      g_autoptr (JsonNode) body = NULL;
      JsonObject *object;
      LwExemption *exemption;

      if (grant->scope == NULL || grant->assignment == NULL || request->category == NULL)
        {
          g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                       _ ("Grant %u of the request has no scope, assignment or category yet"),
                       grant->n);
          return NULL;
        }
      id = lw_grant_exemption_id (request, grant);
      body = lw_grant_write (request, grant, 1, digest, "", now, now, NULL, error);
      if (body == NULL)
        return NULL;
      object = json_node_get_object (body);
      forget_approval (object);
      json_object_set_string_member (object, "id", id);
      json_object_set_string_member (object, "type", LW_EXEMPTIONS_TYPE);
      exemption = lw_exemption_from_json (body, error);
      if (exemption == NULL)
        return NULL;
      g_ptr_array_add (exemptions, exemption);
    }
  return g_steal_pointer (&exemptions);
}
