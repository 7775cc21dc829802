/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define API_VERSION "2022-10-01"
#define PAGE        1000
#define MAX_PAGES   10000

typedef struct
{
  LwClient *client;
  char *query;
  gboolean above;
  guint limit;
  guint top;
  char *skip_token;
} Query;

static void
query_free (gpointer data)
{
  Query *self = data;

  g_object_unref (self->client);
  g_free (self->query);
  g_free (self->skip_token);
  g_free (self);
}

char *
lw_kql_quote (const char *text, GError **error)
{
  g_autoptr (GString) quoted = g_string_new ("'");

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                           _ ("This text cannot be searched for."));
      return NULL;
    }
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        {
          g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                               _ ("The text to search for holds a control character."));
          return NULL;
        }
      if (c == '\\' || c == '\'')
        g_string_append_c (quoted, '\\');
      g_string_append_unichar (quoted, c);
    }
  g_string_append_c (quoted, '\'');
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

static JsonNode *
make_body (const Query *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "query");
  json_builder_add_string_value (builder, self->query);
  json_builder_set_member_name (builder, "options");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "$top");
  json_builder_add_int_value (builder, self->top);
  json_builder_set_member_name (builder, "resultFormat");
  json_builder_add_string_value (builder, "objectArray");
  if (self->above)
    {
      json_builder_set_member_name (builder, "authorizationScopeFilter");
      json_builder_add_string_value (builder, "AtScopeAboveAndBelow");
    }
  if (self->skip_token != NULL)
    {
      json_builder_set_member_name (builder, "$skipToken");
      json_builder_add_string_value (builder, self->skip_token);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* "hh:mm:ss" in milliseconds. */
static guint
read_pause (const char *text)
{
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, ":", 4) : NULL;
  guint64 seconds;

  if (parts == NULL || g_strv_length (parts) != 3)
    return 0;
  seconds = g_ascii_strtoull (parts[0], NULL, 10) * 3600 +
            g_ascii_strtoull (parts[1], NULL, 10) * 60 + g_ascii_strtoull (parts[2], NULL, 10);
  return (guint) MIN (seconds, 60) * 1000;
}

/* Waits where the answer says that the person's quota is used up. */
static gboolean
respect_quota (LwAnswer *answer)
{
  const char *left = lw_answer_get_header (answer, "x-ms-user-quota-remaining");
  guint pause = read_pause (lw_answer_get_header (answer, "x-ms-user-quota-resets-after"));

  return g_strcmp0 (left, "0") != 0 || pause == 0 || lw_sleep (pause);
}

static gboolean
is_too_large (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE))
    return TRUE;
  return details != NULL && details->message != NULL &&
         (g_strcmp0 (details->code, "ResponsePayloadTooLarge") == 0 ||
          strstr (details->message, "ResponsePayloadTooLarge") != NULL);
}

/* One page; a page that is too large is asked for again by halves. */
static JsonNode *
fetch_page (Query *self, LwAnswer **answer, GError **error)
{
  g_autofree char *url =
      g_strdup_printf ("%s/providers/Microsoft.ResourceGraph/resources?api-version=" API_VERSION,
                       self->client->cloud->arm);

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) body = make_body (self);
      char *text = json_to_string (body, FALSE);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      *answer =
          dex_await_boxed (lw_transport_send (self->client->transport, LW_AUDIENCE_ARM, "POST", url,
                                              NULL, bytes, "application/json; charset=utf-8", TRUE),
                           &local);
      if (*answer != NULL)
        return dex_await_boxed (lw_parse_json ((*answer)->body), error);
      if (!is_too_large (local) || self->top <= 1)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      self->top /= 2;
    }
}

static DexFuture *
query_fiber (gpointer data)
{
  Query *self = data;
  g_autoptr (JsonArray) rows = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonNode *result;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      g_autoptr (JsonNode) node = fetch_page (self, &answer, &error);
      JsonObject *reply = lw_json_node_object (node);
      JsonArray *found = lw_json_get_array (reply, "data");
      const char *token = lw_json_get_string (reply, "$skipToken");

      if (node == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      if (found == NULL)
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("Azure's answer is not the list that was asked for."));
      for (guint i = 0; i < json_array_get_length (found); i++)
        json_array_add_element (rows, json_node_copy (json_array_get_element (found, i)));
      if (token != NULL && token[0] != '\0' && !g_hash_table_add (seen, g_strdup (token)))
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("The list leads back to a page that was read already."));
      if (token == NULL || token[0] == '\0' ||
          (self->limit > 0 && json_array_get_length (rows) >= self->limit))
        {
          result = json_node_new (JSON_NODE_ARRAY);
          json_node_set_array (result, rows);
          return dex_future_new_take_boxed (JSON_TYPE_NODE, result);
        }
      g_set_str (&self->skip_token, token);
      if (!respect_quota (answer))
        break;
    }
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                _ ("The list does not end. It was given up."));
}

DexFuture *
lw_resource_graph_query (LwClient *self, const char *query, gboolean above, guint limit)
{
  Query *state = g_new0 (Query, 1);

  state->client = g_object_ref (self);
  state->query = g_strdup (query);
  state->above = above;
  state->limit = limit;
  state->top = PAGE;
  return lw_spawn (query_fiber, state, query_free);
}
