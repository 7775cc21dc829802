/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-call.h"

#include "lw-demo-denials.h"
#include "lw-demo-json.h"

#include <stdlib.h>
#include <string.h>

gboolean
lw_demo_call_is (LwDemoCall *self, const char *method)
{
  return g_str_equal (self->method, method);
}

gboolean
lw_demo_call_path_is (LwDemoCall *self, guint i, const char *text)
{
  return i < self->n_path && g_ascii_strcasecmp (self->path[i], text) == 0;
}

char *
lw_demo_call_path (LwDemoCall *self, guint n)
{
  GString *path = g_string_new (NULL);

  for (guint i = 0; i < n && i < self->n_path; i++)
    g_string_append_printf (path, "/%s", self->path[i]);

  return g_string_free (path, FALSE);
}

const char *
lw_demo_call_query (LwDemoCall *self, const char *name)
{
  return g_hash_table_lookup (self->query, name);
}

guint
lw_demo_call_query_uint (LwDemoCall *self, const char *name, guint fallback)
{
  const char *text = lw_demo_call_query (self, name);
  guint64 value;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &value, NULL)
             ? (guint) value
             : fallback;
}

const char *
lw_demo_call_header (LwDemoCall *self, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       name);
}

void
lw_demo_call_set_header (LwDemoCall *self, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name,
                                value);
}

GHashTable *
lw_demo_parse_form (const char *text, gboolean lower_names)
{
  GHashTable *form = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", "&", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autofree char *name = NULL;
      char *value;

      g_strdelimit (parts[i], "+", ' ');
      if (equals != NULL)
        *equals = '\0';
      name = g_uri_unescape_string (parts[i], NULL);
      value = g_uri_unescape_string (equals != NULL ? equals + 1 : "", NULL);
      if (name == NULL || value == NULL || *name == '\0' || !g_utf8_validate (value, -1, NULL) ||
          !g_utf8_validate (name, -1, NULL))
        {
          g_free (value);
          continue;
        }
      g_hash_table_replace (form, lower_names ? g_ascii_strdown (name, -1) : g_strdup (name),
                            value);
    }

  return form;
}

static GBytes *
body_bytes (LwDemoCall *self)
{
  return soup_message_body_flatten (soup_server_message_get_request_body (self->message));
}

JsonObject *
lw_demo_call_body (LwDemoCall *self, GError **error)
{
  g_autoptr (GBytes) bytes = body_bytes (self);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return lw_demo_json_parse (data, length, error);
}

GHashTable *
lw_demo_call_form (LwDemoCall *self)
{
  g_autoptr (GBytes) bytes = body_bytes (self);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);

  return lw_demo_parse_form (text, FALSE);
}

void
lw_demo_call_reply (LwDemoCall *self, guint status, const char *type, char *text)
{
  soup_server_message_set_status (self->message, status, NULL);
  soup_server_message_set_response (self->message, type, SOUP_MEMORY_TAKE, text, strlen (text));
}

void
lw_demo_call_reply_json (LwDemoCall *self, guint status, char *text)
{
  lw_demo_call_reply (self, status, "application/json; charset=utf-8", text);
}

void
lw_demo_call_reply_object (LwDemoCall *self, guint status, JsonObject *object)
{
  lw_demo_call_reply_json (self, status, lw_demo_json_object_text (object));
}

void
lw_demo_call_reply_empty (LwDemoCall *self, guint status)
{
  /* libsoup closes the connection after a 204 and does not say that it will. */
  if (status == 204)
    lw_demo_call_set_header (self, "Connection", "close");
  soup_server_message_set_status (self->message, status, NULL);
}

static char *
error_text (const char *code, const char *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *error = json_object_new ();

  json_object_set_string_member (error, "code", code);
  json_object_set_string_member (error, "message", message);
  json_object_set_object_member (object, "error", error);

  return lw_demo_json_object_text (object);
}

void
lw_demo_call_fail_gateway (LwDemoCall *self,
                           guint status,
                           const char *code,
                           const char *format,
                           ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  lw_demo_call_set_header (self, "x-ms-failure-cause", "gateway");
  lw_demo_call_reply_json (self, status, error_text (code, message));
}

void
lw_demo_call_fail (LwDemoCall *self, guint status, const char *code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  lw_demo_call_set_header (self, "Cache-Control", "no-store, no-cache");
  lw_demo_call_reply (self, status, "application/json", error_text (code, message));
}

void
lw_demo_call_fail_not_found (LwDemoCall *self)
{
  g_autofree char *path = lw_demo_call_path (self, self->n_path);

  lw_demo_call_fail_gateway (self, 404, "NotFound", "No HTTP resource was found that matches '%s'.",
                             path);
}

void
lw_demo_call_fail_method (LwDemoCall *self)
{
  lw_demo_call_fail_gateway (self, 405, "HttpMethodNotSupported",
                             "The http method '%s' is not supported for a resource collection.",
                             self->method);
}

void
lw_demo_call_fail_right (LwDemoCall *self, const char *action, const char *scope)
{
  LwDemoPerson *person = self->caller->person;

  lw_demo_call_fail_gateway (
      self, 403, "AuthorizationFailed",
      "The client '%s' with object id '%s' does not have authorization to perform action '%s' over "
      "scope '%s' or the scope is invalid. If access was recently granted, please refresh your "
      "credentials.",
      person->app_id != NULL ? person->app_id : person->upn, person->oid, action, scope);
}

gboolean
lw_demo_call_need (LwDemoCall *self, const char *action, LwDemoScope *scope)
{
  LwDemoPerson *person = self->caller->person;
  const char *denial = lw_demo_denial_for (self->tenant, person, action, scope);

  if (denial == NULL && lw_demo_person_can (person, action, scope))
    return TRUE;
  if (denial != NULL && lw_demo_person_can (person, action, scope))
    lw_demo_call_fail_gateway (
        self, 403, "DenyAssignmentAuthorizationFailed",
        "The client '%s' with object id '%s' has permission to perform action '%s' on scope '%s'; "
        "however, the access is denied because of the deny assignment with name '%s'.",
        person->app_id != NULL ? person->app_id : person->upn, person->oid, action, scope->id,
        denial);
  else
    lw_demo_call_fail_right (self, action, *scope->id != '\0' ? scope->id : "/");

  return FALSE;
}

gboolean
lw_demo_call_need_scope (LwDemoCall *self, LwDemoScope *scope)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *group = NULL;

  if (scope->node != NULL || scope->kind == LW_DEMO_ROOT)
    return TRUE;

  parts = g_strsplit (scope->id, "/", 10);
  if (scope->kind == LW_DEMO_GROUP)
    {
      lw_demo_call_fail (self, 404, "NotFound", "The management group '%s' cannot be found.",
                         parts[4]);
      return FALSE;
    }
  if (scope->anchor == NULL)
    {
      lw_demo_call_fail_gateway (self, 404, "SubscriptionNotFound",
                                 "The subscription '%s' could not be found.", parts[2]);
      return FALSE;
    }
  if (scope->kind == LW_DEMO_SUBSCRIPTION || g_strv_length (parts) < 5)
    return TRUE;

  group = g_strdup_printf ("/subscriptions/%s/resourceGroups/%s", parts[2], parts[4]);
  if (g_ascii_strcasecmp (parts[3], "resourceGroups") == 0 &&
      lw_demo_tenant_get_node (self->tenant, group) == NULL)
    lw_demo_call_fail_gateway (self, 404, "ResourceGroupNotFound",
                               "Resource group '%s' could not be found.", parts[4]);
  else
    lw_demo_call_fail_gateway (
        self, 404, "ResourceNotFound",
        "The Resource '%s' under resource group '%s' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
        strstr (scope->key, "/providers/") != NULL
            ? scope->id + (strstr (scope->key, "/providers/") - scope->key) + strlen ("/providers/")
            : scope->id,
        parts[4]);

  return FALSE;
}

void
lw_demo_call_count (LwDemoCall *self, gboolean tenant_wide)
{
  const char *what = lw_demo_call_is (self, "DELETE")                                  ? "deletes"
                     : lw_demo_call_is (self, "GET") || lw_demo_call_is (self, "POST") ? "reads"
                                                                                       : "writes";
  const char *level = tenant_wide ? "tenant" : "subscription";
  gboolean reads = g_str_equal (what, "reads");
  g_autofree char *name = g_strdup_printf ("x-ms-ratelimit-remaining-%s-%s", level, what);
  g_autofree char *global = g_strdup_printf ("x-ms-ratelimit-remaining-%s-global-%s", level, what);

  lw_demo_call_set_header (self, name, reads ? "249" : "199");
  lw_demo_call_set_header (self, global, reads ? "3749" : "2999");
}
