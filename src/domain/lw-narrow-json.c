/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-narrow-private.h"

static gboolean
refuse (GError **error, const char *list, guint index, const char *member, const char *wanted)
{
  if (list == NULL)
    g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE, _ ("“%s” must be %s"), member,
                 wanted);
  else
    g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE, _ ("“%s[%u].%s” must be %s"), list,
                 index, member, wanted);
  return FALSE;
}

/* The member's text, "" where it may be left out and is. */
static gboolean
read_text (JsonObject *object,
           const char *list,
           guint index,
           const char *member,
           gboolean needed,
           const char **text,
           GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  *text = NULL;
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
      json_node_get_value_type (node) == G_TYPE_STRING)
    *text = json_node_get_string (node);
  else if (needed || (node != NULL && !JSON_NODE_HOLDS_NULL (node)))
    return refuse (error, list, index, member, _ ("a string"));
  return TRUE;
}

/* A list of strings, %NULL where there is none; valid as long as @strings. */
static gboolean
read_texts (JsonObject *object,
            const char *list,
            guint index,
            const char *member,
            GPtrArray *strings,
            GError **error)
{
  JsonNode *node = json_object_get_member (object, member);
  JsonArray *array;

  g_ptr_array_set_size (strings, 0);
  if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
    {
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return refuse (error, list, index, member, _ ("a list of strings"));
      array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          const char *text = lw_json_array_get_string (array, i);

          if (text == NULL)
            return refuse (error, list, index, member, _ ("a list of strings"));
          g_ptr_array_add (strings, (gpointer) text);
        }
    }
  g_ptr_array_add (strings, NULL);
  return TRUE;
}

typedef gboolean (*ReadEntry) (LwNarrow *self,
                               JsonObject *entry,
                               const char *list,
                               guint index,
                               GPtrArray *strings,
                               GError **error);

static gboolean
read_list (LwNarrow *self, JsonObject *object, const char *list, ReadEntry read, GError **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();
  JsonNode *node = json_object_get_member (object, list);
  JsonArray *array;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, NULL, 0, list, _ ("a list"));
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *entry = lw_json_array_get_object (array, i);

      if (entry == NULL)
        {
          g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                       _ ("“%s[%u]” must be an object"), list, i);
          return FALSE;
        }
      if (!read (self, entry, list, i, strings, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_scope (LwNarrow *self,
            JsonObject *entry,
            const char *list,
            guint index,
            GPtrArray *strings,
            GError **error)
{
  const char *id;
  const char *parent;

  if (!read_text (entry, list, index, "id", TRUE, &id, error) ||
      !read_text (entry, list, index, "parent", FALSE, &parent, error))
    return FALSE;
  lw_narrow_add_scope (self, id, parent);
  return TRUE;
}

static gboolean
read_resource (LwNarrow *self,
               JsonObject *entry,
               const char *list,
               guint index,
               GPtrArray *strings,
               GError **error)
{
  const char *id;
  const char *type;
  const char *location;
  const char *team;

  if (!read_text (entry, list, index, "id", TRUE, &id, error) ||
      !read_text (entry, list, index, "type", FALSE, &type, error) ||
      !read_text (entry, list, index, "location", FALSE, &location, error) ||
      !read_text (entry, list, index, "team", FALSE, &team, error) ||
      !read_texts (entry, list, index, "references", strings, error))
    return FALSE;
  lw_narrow_add_resource (self, id, type, location, team, (const char *const *) strings->pdata);
  return TRUE;
}

static gboolean
read_need (LwNarrow *self,
           JsonObject *entry,
           const char *list,
           guint index,
           GPtrArray *strings,
           GError **error)
{
  const char *id;
  const char *type;
  const char *location;

  if (!read_text (entry, list, index, "resource", TRUE, &id, error) ||
      !read_text (entry, list, index, "type", FALSE, &type, error) ||
      !read_text (entry, list, index, "location", FALSE, &location, error) ||
      !read_texts (entry, list, index, "references", strings, error))
    return FALSE;
  lw_narrow_add_need (self, id, type, location, (const char *const *) strings->pdata);
  return TRUE;
}

static gboolean
read_exemption (LwNarrow *self,
                JsonObject *entry,
                const char *list,
                guint index,
                GPtrArray *strings,
                GError **error)
{
  const char *id;
  const char *scope;

  if (!read_text (entry, list, index, "id", FALSE, &id, error) ||
      !read_text (entry, list, index, "scope", TRUE, &scope, error) ||
      !read_texts (entry, list, index, "references", strings, error))
    return FALSE;
  lw_narrow_add_exemption (self, id, scope, (const char *const *) strings->pdata,
                           lw_json_get_array (entry, "selectors"));
  return TRUE;
}

static gboolean
read_count (LwNarrow *self,
            JsonObject *entry,
            const char *list,
            guint index,
            GPtrArray *strings,
            GError **error)
{
  const char *scope;
  gint64 count = lw_json_get_int (entry, "exemptions", -1);

  if (!read_text (entry, list, index, "scope", TRUE, &scope, error))
    return FALSE;
  if (count < 0 || count > G_MAXINT)
    return refuse (error, list, index, "exemptions", _ ("a number that is not negative"));
  lw_narrow_set_exemption_count (self, scope, (guint) count);
  return TRUE;
}

static gboolean
read_barrier (LwNarrow *self,
              JsonObject *entry,
              const char *list,
              guint index,
              GPtrArray *strings,
              GError **error)
{
  const char *scope;
  const char *why;

  if (!read_text (entry, list, index, "scope", TRUE, &scope, error) ||
      !read_text (entry, list, index, "why", FALSE, &why, error))
    return FALSE;
  lw_narrow_add_barrier (self, scope, why);
  return TRUE;
}

static gboolean
read_plain_lists (LwNarrow *self, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();

  if (!read_texts (object, NULL, 0, "bareTypes", strings, error))
    return FALSE;
  for (guint i = 0; strings->pdata[i] != NULL; i++)
    lw_narrow_add_bare_type (self, strings->pdata[i]);
  if (!read_texts (object, NULL, 0, "unread", strings, error))
    return FALSE;
  for (guint i = 0; strings->pdata[i] != NULL; i++)
    lw_narrow_add_unread (self, strings->pdata[i]);
  if (lw_json_get_boolean (object, "partial", FALSE))
    lw_narrow_set_partial (self);
  return TRUE;
}

static gboolean
read_assignment (LwNarrow *self, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();
  JsonObject *assignment = lw_json_get_object (object, "assignment");
  const char *scope = lw_json_get_string (assignment, "scope");

  if (assignment == NULL || scope == NULL)
    return refuse (error, NULL, 0, "assignment.scope", _ ("a string"));
  lw_narrow_set_assignment (self, scope, lw_json_get_string (assignment, "enforcementMode"));
  if (!read_texts (assignment, NULL, 0, "notScopes", strings, error))
    return FALSE;
  for (guint i = 0; strings->pdata[i] != NULL; i++)
    lw_narrow_add_exclusion (self, strings->pdata[i]);
  return TRUE;
}

static gboolean
read_identity (LwNarrow *self, JsonObject *object, GError **error)
{
  JsonObject *identity = lw_json_get_object (object, "identity");
  const char *kind = lw_json_get_string (identity, "kind");
  const char *id = lw_json_get_string (identity, "id");
  const char *api_version = lw_json_get_string (identity, "apiVersion");

  if (identity == NULL)
    return TRUE;
  if (kind == NULL || (g_ascii_strcasecmp (kind, "userPrincipalId") != 0 &&
                       g_ascii_strcasecmp (kind, "groupPrincipalId") != 0))
    return refuse (error, NULL, 0, "identity.kind", _ ("userPrincipalId or groupPrincipalId"));
  if (id == NULL || *id == '\0')
    return refuse (error, NULL, 0, "identity.id", _ ("a string"));
  lw_narrow_set_identity (self, kind, id, api_version != NULL ? api_version : "");
  return TRUE;
}

LwNarrow *
lw_narrow_from_json (JsonNode *node, GError **error)
{
  g_autoptr (LwNarrow) self = lw_narrow_new ();
  JsonObject *object = lw_json_node_object (node);

  if (object == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("What is to be narrowed must be an object"));
      return NULL;
    }
  if (!read_assignment (self, object, error) ||
      !read_list (self, object, "hierarchy", read_scope, error) ||
      !read_list (self, object, "resources", read_resource, error) ||
      !read_list (self, object, "need", read_need, error) ||
      !read_list (self, object, "exemptions", read_exemption, error) ||
      !read_list (self, object, "counts", read_count, error) ||
      !read_list (self, object, "barriers", read_barrier, error) ||
      !read_plain_lists (self, object, error) || !read_identity (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- writing ------------------------------------------------------------------------------------ */

static JsonObject *
exemption_to_json (const LwNarrowExemption *exemption)
{
  JsonObject *object = json_object_new ();
  JsonArray *references = json_array_new ();

  for (guint i = 0; i < exemption->references->len; i++)
    json_array_add_string_element (references, exemption->references->pdata[i]);
  json_object_set_string_member (object, "scope", exemption->scope);
  json_object_set_array_member (object, "references", references);
  json_object_set_array_member (object, "selectors", lw_json_array_copy (exemption->selectors));
  return object;
}

static JsonObject *
option_to_json (const LwNarrowOption *option)
{
  JsonObject *object = json_object_new ();
  JsonArray *exemptions = json_array_new ();

  for (guint i = 0; i < option->exemptions->len; i++)
    json_array_add_object_element (exemptions, exemption_to_json (option->exemptions->pdata[i]));
  json_object_set_array_member (object, "exemptions", exemptions);
  json_object_set_int_member (object, "reach", option->reach);
  json_object_set_int_member (object, "collateral", (gint64) option->collateral);
  json_object_set_int_member (object, "resources", option->resources);
  json_object_set_int_member (object, "count", option->exemptions->len);
  if (option->at_least)
    json_object_set_boolean_member (object, "atLeast", TRUE);
  return object;
}

JsonNode *
lw_narrow_result_to_json (LwNarrowResult *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *options = json_array_new ();
  JsonArray *notices = json_array_new ();

  for (guint i = 0; i < self->options->len; i++)
    json_array_add_object_element (options, option_to_json (self->options->pdata[i]));
  for (guint i = 0; i < self->notices->len; i++)
    {
      LwNarrowNotice *notice = self->notices->pdata[i];
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "id", notice->id);
      json_object_set_string_member (entry, "message", notice->message);
      json_array_add_object_element (notices, entry);
    }
  json_object_set_array_member (object, "options", options);
  json_object_set_array_member (object, "notices", notices);
  json_node_take_object (node, object);
  return node;
}
