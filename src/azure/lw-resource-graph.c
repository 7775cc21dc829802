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
  LwPageReader reader;
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
static LwPage *
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
        return dex_await_boxed (lw_gate (lw_page_read ((*answer)->body, &self->reader)), error);
      if (!is_too_large (local) || self->top <= 1)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      self->top /= 2;
    }
}

/* Whether rows are missing and there is no way to the next ones. The member is a string, "true" or
 * "false". */
static gboolean
is_cut_short (JsonObject *reply, const char *token)
{
  const char *truncated = lw_json_get_string (reply, "resultTruncated");

  return token == NULL && ((truncated != NULL && g_ascii_strcasecmp (truncated, "true") == 0) ||
                           lw_json_get_boolean (reply, "resultTruncated", FALSE));
}

/* Of more than 10,000 subscriptions only the first are asked; an answer says so in a header. */
static void
note_limit (LwClient *client, LwAnswer *answer)
{
  const char *hit = lw_answer_get_header (answer, "x-ms-tenant-subscription-limit-hit");

  if (hit != NULL && g_ascii_strcasecmp (hit, "true") == 0)
    lw_client_add_notice (client, "resource-graph.subscriptions",
                          _ ("Azure looked into the first 10,000 subscriptions only, so what is in "
                             "others is missing here."));
}

/* Adds a page's rows. %NULL in @next at the end; %FALSE with @error where the page is of no use. */
static gboolean
take_page (Query *self, LwPage *page, LwPage *rows, const char **next, GError **error)
{
  const char *token = lw_json_get_string (page->rest, "$skipToken");

  *next = token != NULL && token[0] != '\0' ? token : NULL;
  if (page->values == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("Azure's answer is not the list that was asked for."));
      return FALSE;
    }
  lw_page_append (rows, page);
  if (self->limit > 0 && rows->values->len >= self->limit)
    *next = NULL;
  else if (is_cut_short (page->rest, *next))
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                           _ ("Azure left out a part of what was asked for."));
      return FALSE;
    }
  return TRUE;
}

static DexFuture *
query_fiber (gpointer data)
{
  Query *self = data;
  g_autoptr (LwPage) rows = lw_page_new (&self->reader);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < MAX_PAGES && rows->values->len <= LW_MAX_ELEMENTS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      g_autoptr (LwPage) page = fetch_page (self, &answer, &error);
      const char *next;

      if (page == NULL || !take_page (self, page, rows, &next, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      note_limit (self->client, answer);
      if (next == NULL)
        return dex_future_new_take_boxed (LW_TYPE_PAGE, g_steal_pointer (&rows));
      if (!g_hash_table_add (seen, g_strdup (next)))
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("The list leads back to a page that was read already."));
      g_set_str (&self->skip_token, next);
    }
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                _ ("The list does not end. It was given up."));
}

DexFuture *
lw_resource_graph_query (LwClient *self,
                         const char *query,
                         gboolean above,
                         guint limit,
                         LwReadElement read,
                         GDestroyNotify destroy)
{
  Query *state = g_new0 (Query, 1);

  state->client = g_object_ref (self);
  state->query = g_strdup (query);
  state->above = above;
  state->limit = limit;
  state->reader = (LwPageReader) { "data", read, destroy };
  state->top = limit > 0 ? MIN (limit, PAGE) : PAGE;
  return lw_spawn (query_fiber, state, query_free);
}
