/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-script.h"

void
lw_test_script_play (LwTestServer *server,
                     SoupServerMessage *message,
                     const char *path,
                     GHashTable *query,
                     gpointer data)
{
  LwTestScript *script = data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);

  g_strlcpy (script->user_agent, soup_message_headers_get_one (asked, "User-Agent"),
             sizeof script->user_agent);
  g_strlcpy (script->request_id, soup_message_headers_get_one (asked, "x-ms-client-request-id"),
             sizeof script->request_id);
  script->seen++;
  if (script->fail_first > 0 && script->seen > script->fail_first)
    {
      lw_test_answer (message, 200, "application/json", "{\"fine\":true}");
      return;
    }
  if (script->retry_after != NULL)
    soup_message_headers_replace (headers, "Retry-After", script->retry_after);
  if (script->challenge != NULL)
    soup_message_headers_replace (headers, "WWW-Authenticate", script->challenge);
  if (script->location != NULL)
    soup_message_headers_replace (headers, "Location", script->location);
  if (script->next != NULL || script->pages > 0)
    {
      g_autofree char *page = NULL;

      if (script->next != NULL)
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":\"%s\"}", script->seen,
                                script->next);
      else if (script->seen < script->pages)
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":\"%s/p?page=%u\"}",
                                script->seen, server->base, script->seen);
      else
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":null}", script->seen);
      lw_test_answer (message, 200, "application/json", page);
      return;
    }
  lw_test_answer (message, script->status, script->type != NULL ? script->type : "application/json",
                  script->body);
}

JsonNode *
lw_test_script_call (const char *base,
                     const char *method,
                     guint deadline_ms,
                     gboolean idempotent,
                     GError **error)
{
  g_autoptr (LwClient) client = lw_test_client (base, deadline_ms);

  return lw_test_call (client, base, method, idempotent, error);
}

JsonNode *
lw_test_script_list (const char *base, GError **error)
{
  g_autoptr (LwClient) client = lw_test_client (base, 2000);
  static const LwPageReader reader = { "value", NULL, NULL };
  g_autofree char *url = g_strconcat (base, "/p", NULL);
  g_autoptr (LwPage) page = lw_test_boxed (
      lw_transport_list (lw_client_get_transport (client), LW_AUDIENCE_ARM, "GET", url, &reader),
      error);

  return page != NULL ? lw_page_to_array (page) : NULL;
}

GError *
lw_test_script_expect (LwTestScript script, LwAzureError code, guint *seen)
{
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lw_test_script_call (server->base, "GET", 3000, TRUE, &error);

  g_assert_null (node);
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  if (seen != NULL)
    *seen = script.seen;
  return g_steal_pointer (&error);
}

void
lw_test_answers_play (LwTestServer *server,
                      SoupServerMessage *message,
                      const char *path,
                      GHashTable *query,
                      gpointer data)
{
  LwTestAnswers *script = data;
  const char *answer = script->answers[script->n];
  g_autoptr (GString) text = g_string_new (answer);

  if (script->answers[script->n + 1] != NULL)
    script->n++;
  g_string_replace (text, "HOST", server->base, 0);
  lw_test_answer (message, 200, "application/json", text->str);
}
