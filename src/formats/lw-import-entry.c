/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One entry of a file, in the shape that Azure has. */

#include "config.h"

#include "lw-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Members by their name in Azure, and what else they are called. */
static const struct
{
  const char *name;
  const char *others[4];
} members[] = {
  { "displayName", { NULL } },
  { "description", { NULL } },
  { "exemptionCategory", { "category", NULL } },
  { "expiresOn", { "expires", NULL } },
  { "policyAssignmentId", { "assignmentId", NULL } },
  { "policyDefinitionReferenceIds", { "policyDefinitionReferenceId", "refs", "references", NULL } },
  { "resourceSelectors", { "resourceSelector", NULL } },
  { "assignmentScopeValidation", { NULL } },
  { "metadata", { NULL } },
};

static JsonNode *
get (JsonObject *object, const char *name)
{
  g_autoptr (GList) all = NULL;

  if (json_object_has_member (object, name))
    return json_object_get_member (object, name);
  all = json_object_get_members (object);
  for (GList *l = all; l != NULL; l = l->next)
    if (g_ascii_strcasecmp (l->data, name) == 0)
      return json_object_get_member (object, l->data);
  return NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = get (object, name);
  const char *text =
      node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

  return text != NULL && text[0] != '\0' ? text : NULL;
}

/* --- what every format ends in ------------------------------------------------------------------------ */

static gboolean
is_name (const char *name)
{
  return name != NULL && name[0] != '\0' && strlen (name) <= 256 && strchr (name, '/') == NULL;
}

void
lw_import_take (LwImporting *self,
                LwImportRow *row,
                const char *id,
                const char *scope,
                const char *name,
                JsonObject *properties,
                JsonObject *system)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autoptr (GError) error = NULL;
  g_autofree char *made = NULL;
  const char *other;

  if (id == NULL && scope != NULL && is_name (name))
    id = made = lw_arm_id_join (scope, LW_EXEMPTIONS_TYPE, name);
  if (id == NULL || !lw_arm_id_split (id, LW_EXEMPTIONS_TYPE, NULL, NULL))
    {
      lw_import_refuse (row,
                        _ ("It has no id of an exemption, and no scope and name to make one of"));
      return;
    }
  if (!lw_import_normalize (self, row, properties))
    return;
  if (lw_json_get_string (properties, "policyAssignmentId") == NULL)
    {
      lw_import_refuse (row, _ ("It has no “policyAssignmentId”"));
      return;
    }
  if ((other = g_hash_table_lookup (self->seen, id)) != NULL)
    {
      lw_import_refuse (row, _ ("%s has the same id"), other);
      return;
    }
  json_object_set_object_member (object, "properties", json_object_ref (properties));
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "type", LW_EXEMPTIONS_TYPE);
  if (is_name (name))
    json_object_set_string_member (object, "name", name);
  else
    {
      g_autofree char *last = lw_arm_id_name (id);

      json_object_set_string_member (object, "name", last);
    }
  if (system != NULL && json_object_get_size (system) > 0)
    json_object_set_object_member (object, "systemData", json_object_ref (system));
  row->exemption = lw_exemption_from_json (node, &error);
  if (row->exemption == NULL)
    lw_import_refuse (row, "%s", error->message);
  else
    g_hash_table_insert (self->seen, g_strdup (id), g_strdup (row->where));
}

/* --- Azure, az, PowerShell, Resource Graph --------------------------------------------------------------- */

/* The properties under Azure's names: what is known by any other, and all the rest as it is. */
static JsonObject *
rename_properties (JsonObject *from)
{
  JsonObject *to = json_object_new ();
  g_autoptr (GList) all = json_object_get_members (from);

  for (GList *l = all; l != NULL; l = l->next)
    {
      const char *name = l->data;

      for (guint i = 0; i < G_N_ELEMENTS (members); i++)
        {
          gboolean same = g_ascii_strcasecmp (name, members[i].name) == 0;

          for (guint j = 0; members[i].others[j] != NULL && !same; j++)
            same = g_ascii_strcasecmp (name, members[i].others[j]) == 0 &&
                   !json_object_has_member (from, members[i].name);
          if (same)
            name = members[i].name;
        }
      json_object_set_member (to, name, lw_json_node_copy (json_object_get_member (from, l->data)));
    }
  return to;
}

static JsonObject *
text_to_object (JsonNode *node)
{
  const char *text =
      node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  g_autoptr (JsonNode) inner = text != NULL ? lw_json_parse_string (text, NULL) : NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_object_ref (json_node_get_object (node));
  return inner != NULL && JSON_NODE_HOLDS_OBJECT (inner)
             ? lw_json_object_copy (json_node_get_object (inner))
             : NULL;
}

/* PowerShell spreads it over SystemDataCreatedAt and the like. */
static JsonObject *
system_of (JsonObject *entry)
{
  JsonObject *system = text_to_object (get (entry, "systemData"));
  static const char *const parts[] = { "createdBy",      "createdByType",      "createdAt",
                                       "lastModifiedBy", "lastModifiedByType", "lastModifiedAt" };

  if (system != NULL)
    return system;
  system = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *name = g_strconcat ("SystemData", parts[i], NULL);
      const char *text = get_text (entry, name);

      if (text != NULL)
        json_object_set_string_member (system, parts[i], text);
    }
  return system;
}

/* Members that stand beside the properties, in flat shapes. */
static gboolean
is_outer (const char *name)
{
  static const char *const outer[] = { "id",
                                       "name",
                                       "type",
                                       "systemData",
                                       "tenantId",
                                       "kind",
                                       "location",
                                       "resourceGroup",
                                       "subscriptionId",
                                       "managedBy",
                                       "sku",
                                       "plan",
                                       "tags",
                                       "identity",
                                       "zones",
                                       "extendedLocation",
                                       "resourceId",
                                       "resourceName",
                                       "resourceType",
                                       "resourceGroupName",
                                       "scope",
                                       "scopes",
                                       "status",
                                       "expiresInDays",
                                       LW_JSON_DAMAGED };

  for (guint i = 0; i < G_N_ELEMENTS (outer); i++)
    if (g_ascii_strcasecmp (name, outer[i]) == 0)
      return TRUE;
  return g_ascii_strncasecmp (name, "SystemData", 10) == 0;
}

static JsonObject *
flat_properties (JsonObject *entry)
{
  g_autoptr (JsonObject) copy = json_object_new ();
  g_autoptr (GList) all = json_object_get_members (entry);

  for (GList *l = all; l != NULL; l = l->next)
    if (!is_outer (l->data) && !JSON_NODE_HOLDS_NULL (json_object_get_member (entry, l->data)))
      json_object_set_member (copy, l->data,
                              lw_json_node_copy (json_object_get_member (entry, l->data)));
  return rename_properties (copy);
}

static void
take_azure (LwImporting *self, LwImportRow *row, JsonObject *entry)
{
  g_autoptr (JsonObject) bag = text_to_object (get (entry, "properties"));
  g_autoptr (JsonObject) properties =
      bag != NULL ? rename_properties (bag) : flat_properties (entry);
  g_autoptr (JsonObject) system = system_of (entry);
  const char *id = get_text (entry, "id");
  const char *type = get_text (entry, "type");

  if (type != NULL && g_ascii_strcasecmp (type, LW_EXEMPTIONS_TYPE) != 0)
    {
      lw_import_refuse (row, _ ("It is no exemption but a %s"), type);
      return;
    }
  lw_import_take (self, row, id != NULL ? id : get_text (entry, "resourceId"), NULL,
                  get_text (entry, "name"), properties, system);
}

/* --- EPAC --------------------------------------------------------------------------------------------- */

static gboolean
is_pattern (const char *scope)
{
  return strchr (scope, '*') != NULL || strstr (scope, "/subscriptionsPattern/") != NULL;
}

/* "Payments:/subscriptions/…": the scope, and what it adds to the texts. %FALSE where the row is refused. */
static gboolean
split_scope (LwImportRow *row, const char *text, guint n, char **scope, char **postfix)
{
  const char *colon = strchr (text, ':');

  if (colon != NULL && strchr (colon + 1, ':') != NULL)
    lw_import_refuse (row, _ ("The scope “%s” has more than one colon"), text);
  else if (colon == text && n != 1)
    lw_import_refuse (row, _ ("The scope “%s” has nothing before its colon"), text);
  else if (is_pattern (text))
    lw_import_refuse (
        row,
        _ ("The scope “%s” is a pattern: which scopes it means, EPAC finds out when it "
           "deploys"),
        text);
  else
    {
      *scope = g_strdup (colon != NULL ? colon + 1 : text);
      *postfix = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : lw_arm_id_name (text);
      return TRUE;
    }
  return FALSE;
}

static void
add_postfix (JsonObject *properties, const char *member, const char *postfix)
{
  const char *text = lw_json_get_string (properties, member);
  g_autofree char *whole = NULL;

  if (text == NULL || text[0] == '\0' || postfix[0] == '\0')
    return;
  whole = g_strdup_printf ("%s - %s", text, postfix);
  json_object_set_string_member (properties, member, whole);
}

/* The list, a text joined by "&", or one text. (transfer full) (nullable) */
static GStrv
scopes_of (JsonObject *entry)
{
  JsonNode *node = get (entry, "scopes");
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  const char *text;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if ((text = lw_json_array_get_string (array, i)) != NULL)
          g_strv_builder_add (out, text);
    }
  else if ((text = get_text (entry, "scopes")) != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (text, "&", -1);

      for (guint i = 0; parts[i] != NULL; i++)
        if (g_strstrip (parts[i])[0] != '\0')
          g_strv_builder_add (out, parts[i]);
    }
  {
    GStrv strings = g_strv_builder_end (out);

    if (strings[0] != NULL)
      return strings;
    g_strfreev (strings);
  }
  return NULL;
}

/* %FALSE where it does not name an assignment, and the row is refused. */
static gboolean
check_assignment (LwImportRow *row, JsonObject *entry)
{
  static const char *const others[] = { "policyDefinitionId", "policyDefinitionName",
                                        "policySetDefinitionId", "policySetDefinitionName" };
  guint n = get_text (entry, "policyAssignmentId") != NULL;
  const char *other = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (get_text (entry, others[i]) != NULL)
      {
        other = others[i];
        n++;
      }
  if (n > 1)
    lw_import_refuse (
        row, _ ("It names more than one of an assignment, a definition and an initiative"));
  else if (n == 0)
    lw_import_refuse (row, _ ("It has no “policyAssignmentId”"));
  else if (other != NULL)
    lw_import_refuse (
        row, _ ("It names a “%s”: which assignments that means, EPAC finds out when it deploys"),
        other);
  return n == 1 && other == NULL;
}

static void
note_metadata (LwImportRow *row, JsonObject *entry)
{
  JsonNode *node = get (entry, "metadata");
  JsonObject *metadata = node != NULL ? lw_json_node_object (node) : NULL;
  gboolean report = get (entry, "status") != NULL;

  if (report ||
      (metadata != NULL && json_object_get_size (metadata) > 0 &&
       json_object_has_member (metadata, "epacMetadata") && json_object_get_size (metadata) <= 2))
    lw_import_note (
        row, _ ("EPAC’s reports leave most of the metadata out: owner and ticket may be missing"));
}

static void
take_epac (LwImporting *self, LwImportRow *row, JsonObject *entry)
{
  g_auto (GStrv) scopes = scopes_of (entry);
  const char *scope = get_text (entry, "scope");
  const char *name = get_text (entry, "name");
  g_autofree char *where = g_strdup (row->where);

  if (!check_assignment (row, entry))
    return;
  if ((scope != NULL) == (scopes != NULL))
    {
      lw_import_refuse (row, scope != NULL ? _ ("It has both “scope” and “scopes”")
                                           : _ ("It has neither “scope” nor “scopes”"));
      return;
    }
  if (!is_name (name))
    {
      lw_import_refuse (row, _ ("It has no “name” that an exemption can have"));
      return;
    }
  note_metadata (row, entry);
  if (scope != NULL)
    {
      g_autoptr (JsonObject) properties = flat_properties (entry);

      lw_import_take (self, row, NULL, scope, name, properties, NULL);
      return;
    }
  for (guint i = 0; scopes[i] != NULL; i++)
    {
      g_autoptr (JsonObject) properties = flat_properties (entry);
      g_autofree char *one = NULL;
      g_autofree char *postfix = NULL;

      if (i > 0)
        {
          row = lw_import_add_row (self, 0);
          g_set_str (&row->where, where);
        }
      if (!split_scope (row, scopes[i], g_strv_length (scopes), &one, &postfix))
        continue;
      add_postfix (properties, "displayName", postfix);
      add_postfix (properties, "description", postfix);
      lw_import_take (self, row, NULL, one, name, properties, NULL);
    }
}

void
lw_import_entry (LwImporting *self, LwImportRow *row, JsonObject *entry, gboolean is_epac)
{
  const char *damage = lw_json_get_string (entry, LW_JSON_DAMAGED);

  if (damage != NULL)
    lw_import_refuse (row, "%s", damage);
  else if (is_epac)
    take_epac (self, row, entry);
  else
    take_azure (self, row, entry);
}
