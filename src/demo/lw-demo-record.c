/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What was asked and answered, a line of JSON a call, for those who compare it with the published
 * contracts: {"liveRequest": {method, url, headers, body}, "liveResponse": {statusCode, headers,
 * body}}. Nothing that signs anybody in is written: no Authorization header, and of calls to Entra
 * only the path and the names of what was sent.
 */

#include "lw-demo-call.h"

#include "lw-demo-json.h"

#include <stdio.h>
#include <string.h>

static gboolean
is_secret (const char *name)
{
  static const char *const secrets[] = { "authorization", "cookie", "set-cookie", "location" };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      if (g_ascii_strcasecmp (name, secrets[i]) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
add_header (const char *name, const char *value, gpointer object)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (!is_secret (name) && g_utf8_validate (value, -1, NULL))
    json_object_set_string_member (object, lower, value);
}

static JsonObject *
headers_object (SoupMessageHeaders *headers, gboolean all)
{
  JsonObject *object = json_object_new ();

  if (all)
    soup_message_headers_foreach (headers, add_header, object);
  else if (soup_message_headers_get_content_type (headers, NULL) != NULL)
    json_object_set_string_member (object, "content-type",
                                   soup_message_headers_get_content_type (headers, NULL));

  return object;
}

/* JSON as JSON, other text as a string; nothing where there is none. */
static void
add_body (JsonObject *object, SoupMessageBody *body)
{
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  JsonObject *parsed = length > 0 ? lw_demo_json_parse (data, length, NULL) : NULL;

  if (parsed != NULL)
    json_object_set_object_member (object, "body", parsed);
  else if (length > 0)
    {
      g_autofree char *text = g_utf8_make_valid (data, length);

      json_object_set_string_member (object, "body", text);
    }
}

/* The names of what was sent to Entra, in alphabetical order. */
static void
add_names (LwDemoCall *self, JsonObject *object)
{
  g_autoptr (GHashTable) form = lw_demo_call_form (self);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonArray *array = json_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->query);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_hash_table_iter_init (&iter, form);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  for (guint i = 0; i < names->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (names, i));
  json_object_set_array_member (object, "names", array);
}

static JsonObject *
describe_request (LwDemoCall *self, gboolean entra)
{
  GUri *uri = soup_server_message_get_uri (self->message);
  JsonObject *object = json_object_new ();
  g_autofree char *text = g_uri_to_string_partial (uri, entra ? G_URI_HIDE_QUERY : G_URI_HIDE_NONE);

  json_object_set_string_member (object, "method", self->method);
  json_object_set_string_member (object, "url", text);
  json_object_set_object_member (
      object, "headers",
      headers_object (soup_server_message_get_request_headers (self->message), !entra));
  if (entra)
    add_names (self, object);
  else
    add_body (object, soup_server_message_get_request_body (self->message));

  return object;
}

static JsonObject *
describe_response (LwDemoCall *self, gboolean entra)
{
  JsonObject *object = json_object_new ();
  g_autofree char *status = g_strdup_printf ("%u", soup_server_message_get_status (self->message));

  json_object_set_string_member (object, "statusCode", status);
  json_object_set_object_member (
      object, "headers",
      headers_object (soup_server_message_get_response_headers (self->message), !entra));
  if (!entra)
    add_body (object, soup_server_message_get_response_body (self->message));

  return object;
}

void
lw_demo_record (LwDemoCall *self)
{
  g_autoptr (JsonObject) pair = NULL;
  g_autofree char *text = NULL;
  gboolean entra;

  if (self->demo->record == NULL)
    return;

  entra = lw_demo_entra_owns (self);
  pair = json_object_new ();
  json_object_set_object_member (pair, "liveRequest", describe_request (self, entra));
  json_object_set_object_member (pair, "liveResponse", describe_response (self, entra));
  text = lw_demo_json_object_text (pair);
  if (fprintf (self->demo->record, "%s\n", text) < 0 || fflush (self->demo->record) != 0)
    g_error ("The record can’t be written");
}
