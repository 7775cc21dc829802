/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define COLUMNS   "id,displayName,mail,userPrincipalName,jobTitle,department,accountEnabled"
#define MAX_FOUND 20

/* What checkMemberGroups takes at once. */
#define MAX_GROUPS 20

LwDirectoryPerson *
lw_directory_person_copy (const LwDirectoryPerson *self)
{
  LwDirectoryPerson *copy = g_new0 (LwDirectoryPerson, 1);

  copy->person = lw_person_copy (self->person);
  copy->job_title = g_strdup (self->job_title);
  copy->department = g_strdup (self->department);
  copy->mail = g_strdup (self->mail);
  copy->enabled = self->enabled;
  return copy;
}

void
lw_directory_person_free (LwDirectoryPerson *self)
{
  lw_person_free (self->person);
  g_free (self->job_title);
  g_free (self->department);
  g_free (self->mail);
  g_free (self);
}

G_DEFINE_BOXED_TYPE (LwDirectoryPerson,
                     lw_directory_person,
                     lw_directory_person_copy,
                     lw_directory_person_free)

static gpointer
read_person (JsonNode *node, GError **error)
{
  JsonObject *object = lw_json_node_object (node);
  const char *id = lw_json_get_string (object, "id");
  const char *name = lw_json_get_string (object, "displayName");
  const char *upn = lw_json_get_string (object, "userPrincipalName");

  if (id == NULL || id[0] == '\0')
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The directory's answer names nobody."));
      return NULL;
    }
  return lw_person_new (id, name != NULL ? name : upn, upn);
}

static gpointer
read_directory_person (JsonNode *node, GError **error)
{
  JsonObject *object = lw_json_node_object (node);
  LwPerson *person = read_person (node, error);
  JsonNode *enabled = object != NULL ? json_object_get_member (object, "accountEnabled") : NULL;
  LwDirectoryPerson *self;

  if (person == NULL)
    return NULL;
  self = g_new0 (LwDirectoryPerson, 1);
  self->person = person;
  self->job_title = g_strdup (lw_json_get_string (object, "jobTitle"));
  self->department = g_strdup (lw_json_get_string (object, "department"));
  self->mail = g_strdup (lw_json_get_string (object, "mail"));
  self->enabled = -1;
  if (enabled != NULL && JSON_NODE_HOLDS_VALUE (enabled) &&
      json_node_get_value_type (enabled) == G_TYPE_BOOLEAN)
    self->enabled = json_node_get_boolean (enabled) ? 1 : 0;
  return self;
}

/* How to ask for one, and what comes of it. */
typedef struct
{
  const char *columns;
  LwReadElement read;
  GDestroyNotify destroy;
} OneKind;

static const OneKind basic = { "id,displayName,mail,userPrincipalName", read_person,
                               (GDestroyNotify) lw_person_free };
static const OneKind full = { COLUMNS, read_directory_person,
                              (GDestroyNotify) lw_directory_person_free };

/* @a: path below Graph's v1.0; @constant: the kind; @flag: whether nobody is an answer, too. Resolves to
 * an array of the one person there. */
static DexFuture *
one_person_fiber (gpointer data)
{
  LwCall *call = data;
  const OneKind *kind = call->constant;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *url =
      g_strdup_printf ("%s/v1.0/%s?$select=%s", call->client->cloud->graph, call->a, kind->columns);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (kind->destroy);
  gpointer person;

  node = dex_await_boxed (
      lw_transport_json (call->client->transport, LW_AUDIENCE_GRAPH, "GET", url, NULL, TRUE),
      &error);
  if (node == NULL && call->flag &&
      g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    return lw_future_take_array (g_steal_pointer (&found), NULL);
  person = node != NULL ? kind->read (node, &error) : NULL;
  if (person == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_ptr_array_add (found, person);
  return lw_future_take_array (g_steal_pointer (&found), NULL);
}

static DexFuture *
one_person (LwClient *self, const OneKind *kind, const char *path, gboolean may_lack)
{
  LwCall *call = lw_call_new (self, path, NULL);

  call->constant = kind;
  call->flag = may_lack;
  return lw_spawn (one_person_fiber, call, lw_call_free);
}

static DexFuture *
no_object_id (const char *text)
{
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                                _ ("“%s” is no object id of a person."), text);
}

DexFuture *
lw_client_get_me (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return one_person (self, &basic, "me", FALSE);
}

DexFuture *
lw_client_get_person (LwClient *self, const char *oid)
{
  g_autofree char *path = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (oid != NULL);

  if (!g_uuid_string_is_valid (oid))
    return no_object_id (oid);
  path = g_strconcat ("users/", oid, NULL);
  return one_person (self, &full, path, TRUE);
}

DexFuture *
lw_client_get_manager (LwClient *self, const char *oid)
{
  g_autofree char *path = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (oid != NULL);

  if (!g_uuid_string_is_valid (oid))
    return no_object_id (oid);
  path = g_strdup_printf ("users/%s/manager", oid);
  return one_person (self, &basic, path, TRUE);
}

/* Groups: asked for in bunches */

static JsonNode *
groups_body (GPtrArray *ids, guint first)
{
  g_autoptr (JsonObject) body = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = first; i < ids->len && i < first + MAX_GROUPS; i++)
    json_array_add_string_element (array, g_ptr_array_index (ids, i));
  json_object_set_array_member (body, "groupIds", array);
  return lw_json_object_to_node (body);
}

/* @array: the ids */
static DexFuture *
groups_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autofree char *url = g_strconcat (self->cloud->graph, "/v1.0/me/checkMemberGroups", NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint first = 0; first < call->array->len; first += MAX_GROUPS)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) body = groups_body (call->array, first);
      g_autoptr (JsonNode) node = dex_await_boxed (
          lw_transport_json (self->transport, LW_AUDIENCE_GRAPH, "POST", url, body, TRUE), &error);
      JsonArray *value = lw_json_get_array (lw_json_node_object (node), "value");

      if (node == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      if (value == NULL)
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("Azure's answer is not the list that was asked for."));
      for (guint i = 0; i < json_array_get_length (value); i++)
        {
          const char *id = lw_json_array_get_string (value, i);

          if (id != NULL)
            g_strv_builder_add (builder, id);
        }
    }
  return dex_future_new_take_boxed (G_TYPE_STRV, g_strv_builder_end (builder));
}

DexFuture *
lw_client_check_member_groups (LwClient *self, const char *const *group_ids)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (group_ids != NULL);

  call = lw_call_new (self, NULL, NULL);
  call->array = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; group_ids[i] != NULL; i++)
    {
      if (!g_uuid_string_is_valid (group_ids[i]))
        {
          lw_call_free (call);
          return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                                        _ ("“%s” is no object id of a group."), group_ids[i]);
        }
      g_ptr_array_add (call->array, g_strdup (group_ids[i]));
    }
  return lw_spawn (groups_fiber, call, lw_call_free);
}

/* Search */

/* A clause of $search: in double quotes, with \ and " escaped by a backslash. An ampersand breaks the
 * search even where it is encoded, so that it becomes a blank. */
static void
append_clause (GString *search, const char *property, const char *text)
{
  if (search->len > 0)
    g_string_append (search, " OR ");
  g_string_append_printf (search, "\"%s:", property);
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (search, '\\');
      g_string_append_c (search, *p == '&' || g_ascii_iscntrl (*p) ? ' ' : *p);
    }
  g_string_append_c (search, '"');
}

static char *
search_url (LwClient *self, const char *text)
{
  g_autoptr (GString) search = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  append_clause (search, "displayName", text);
  append_clause (search, "mail", text);
  append_clause (search, "userPrincipalName", text);
  escaped = g_uri_escape_string (search->str, NULL, FALSE);
  return g_strdup_printf ("%s/v1.0/users?$search=%s&$select=" COLUMNS "&$top=%d",
                          self->cloud->graph, escaped, MAX_FOUND);
}

static char *
filter_url (LwClient *self, const char *text)
{
  g_autofree char *quoted = lw_odata_quote (text);
  g_autofree char *filter = g_strdup_printf (
      "startswith(displayName,%s) or startswith(userPrincipalName,%s)", quoted, quoted);
  g_autofree char *escaped = g_uri_escape_string (filter, "()',", FALSE);

  return g_strdup_printf ("%s/v1.0/users?$filter=%s&$select=" COLUMNS "&$top=%d",
                          self->cloud->graph, escaped, MAX_FOUND);
}

static JsonNode *
await_people (LwClient *self, const char *url, const char *const *headers, GError **error)
{
  return dex_await_boxed (lw_transport_json_with_headers (self->transport, LW_AUDIENCE_GRAPH, "GET",
                                                          url, headers, NULL, TRUE),
                          error);
}

static DexFuture *
search_fiber (gpointer data)
{
  static const char *const headers[] = { "ConsistencyLevel", "eventual", NULL };
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  static const LwPageReader reader = { "value", read_directory_person,
                                       (GDestroyNotify) lw_directory_person_free };
  JsonNode *node;
  g_autoptr (LwPage) page = NULL;
  g_autofree char *url = search_url (call->client, call->a);
  GPtrArray *found;

  node = await_people (call->client, url, headers, &error);
  if (node == NULL && g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID))
    {
      g_autofree char *other = filter_url (call->client, call->a);

      g_clear_error (&error);
      node = await_people (call->client, other, NULL, &error);
    }
  if (node == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  page = lw_page_from_node (node, &reader);
  if (page->values == NULL)
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                  _ ("Azure's answer is not the list that was asked for."));
  found = lw_client_take_page (call->client, page);
  if (found->len > MAX_FOUND)
    g_ptr_array_set_size (found, MAX_FOUND);
  return lw_future_take_array (found, NULL);
}

DexFuture *
lw_client_search_people (LwClient *self, const char *text)
{
  g_autofree char *stripped = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (text != NULL);

  stripped = g_strstrip (g_utf8_make_valid (text, -1));
  if (stripped[0] == '\0')
    return lw_future_take_array (
        g_ptr_array_new_with_free_func ((GDestroyNotify) lw_directory_person_free), NULL);
  return lw_spawn (search_fiber, lw_call_new (self, stripped, NULL), lw_call_free);
}
