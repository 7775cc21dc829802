/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-fixture.h"

#include <signal.h>
#include <string.h>

void
answer_free (Answer *answer)
{
  g_clear_pointer (&answer->headers, soup_message_headers_unref);
  g_clear_pointer (&answer->json, json_object_unref);
  g_free (answer->text);
  g_free (answer);
}

char *
demo_file (const char *name)
{
  const char *folder = g_getenv ("LEEWAY_DEMO_DATA");

  g_assert_nonnull (folder);
  return g_build_filename (folder, name, NULL);
}

static JsonObject *
parse_object (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (length == 0 || !json_parser_load_from_data (parser, text, length, NULL))
    return NULL;
  root = json_parser_get_root (parser);

  return root != NULL && JSON_NODE_HOLDS_OBJECT (root)
             ? json_object_ref (json_node_get_object (root))
             : NULL;
}

Tenant *
tenant_start (const char *file, ...)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *whole = demo_file ("tenant.json");
  g_autofree char *text = NULL;
  Tenant *self = g_new0 (Tenant, 1);
  const char *arg;
  va_list list;

  g_ptr_array_add (args, (gpointer) g_getenv ("LEEWAY_DEMO_TENANT"));
  g_ptr_array_add (args, (gpointer) "--exit-with-parent");
  g_ptr_array_add (args, (gpointer) "--tenant");
  g_ptr_array_add (args, (gpointer) (file != NULL ? file : whole));
  va_start (list, file);
  while ((arg = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (args, (gpointer) arg);
  va_end (list);
  g_ptr_array_add (args, NULL);

  self->process =
      g_subprocess_newv ((const char *const *) args->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  text = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (text);
  self->line = parse_object (text, strlen (text));
  g_assert_nonnull (self->line);
  self->session = soup_session_new ();
  soup_session_set_timeout (self->session, 30);

  return self;
}

void
tenant_stop (Tenant *self)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (self->process, SIGTERM);
  g_assert_true (g_subprocess_wait (self->process, NULL, &error));
  g_assert_true (g_subprocess_get_successful (self->process));
  g_object_unref (self->process);
  g_object_unref (self->session);
  json_object_unref (self->line);
  g_free (self->folder);
  g_free (self);
}

const char *
tenant_member (Tenant *self, const char *name)
{
  return json_object_get_string_member (self->line, name);
}

const char *
tenant_persona (Tenant *self, const char *first_name, const char *member)
{
  JsonArray *personas = json_object_get_array_member (self->line, "personas");

  for (guint i = 0; i < json_array_get_length (personas); i++)
    {
      JsonObject *one = json_array_get_object_element (personas, i);

      if (g_str_has_prefix (json_object_get_string_member (one, "name"), first_name))
        return json_object_get_string_member (one, member);
    }

  return NULL;
}

Answer *
tenant_send (Tenant *self,
             const char *who,
             const char *method,
             const char *url,
             const char *body,
             const char *const *headers)
{
  g_autofree char *full =
      *url == '/' ? g_strconcat (tenant_member (self, "arm"), url, NULL) : g_strdup (url);
  g_autoptr (SoupMessage) message = soup_message_new (method, full);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *token =
      who != NULL && strchr (who, '.') == NULL ? tenant_persona (self, who, "token") : who;
  Answer *answer = g_new0 (Answer, 1);

  g_assert_nonnull (message);
  soup_message_set_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (token != NULL)
    {
      g_autofree char *value = g_strconcat ("Bearer ", token, NULL);

      soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                   value);
    }
  if (body != NULL)
    {
      g_autoptr (GBytes) sent = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, "application/json", sent);
    }
  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2)
    soup_message_headers_replace (soup_message_get_request_headers (message), headers[i],
                                  headers[i + 1]);

  bytes = soup_session_send_and_read (self->session, message, NULL, &error);
  g_assert_no_error (error);
  answer->status = soup_message_get_status (message);
  answer->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
  answer->length = g_bytes_get_size (bytes);
  answer->text = g_strndup (g_bytes_get_data (bytes, NULL), answer->length);
  answer->json = parse_object (answer->text, answer->length);

  return answer;
}

Answer *
tenant_get (Tenant *self, const char *who, const char *url)
{
  return tenant_send (self, who, "GET", url, NULL, NULL);
}

Answer *
tenant_form (Tenant *self, const char *url, const char *form)
{
  const char *const headers[] = { "Content-Type", "application/x-www-form-urlencoded", NULL };

  return tenant_send (self, NULL, "POST", url, form, headers);
}

const char *
answer_code (Answer *answer)
{
  JsonNode *node = answer->json != NULL ? json_object_get_member (answer->json, "error") : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return "";

  return json_object_get_string_member_with_default (json_node_get_object (node), "code", "");
}

const char *
answer_string (Answer *answer, const char *name)
{
  return answer->json != NULL
             ? json_object_get_string_member_with_default (answer->json, name, NULL)
             : NULL;
}

const char *
answer_header (Answer *answer, const char *name)
{
  return soup_message_headers_get_one (answer->headers, name);
}

JsonArray *
answer_value (Answer *answer)
{
  g_assert_nonnull (answer->json);
  g_assert_true (json_object_has_member (answer->json, "value"));

  return json_object_get_array_member (answer->json, "value");
}

gboolean
answer_lists (Answer *answer, const char *member, const char *text)
{
  JsonArray *value = answer_value (answer);

  for (guint i = 0; i < json_array_get_length (value); i++)
    {
      JsonObject *one = json_array_get_object_element (value, i);

      if (g_strcmp0 (json_object_get_string_member_with_default (one, member, NULL), text) == 0)
        return TRUE;
    }

  return FALSE;
}

char *
tenant_subscription (Tenant *self, const char *who, const char *name)
{
  g_autofree char *url = g_strdup ("/subscriptions?api-version=2022-12-01");

  while (url != NULL)
    {
      g_autoptr (Answer) answer = tenant_get (self, who, url);
      JsonArray *value = answer_value (answer);

      for (guint i = 0; i < json_array_get_length (value); i++)
        {
          JsonObject *one = json_array_get_object_element (value, i);

          if (g_str_equal (json_object_get_string_member (one, "displayName"), name))
            return g_strdup (json_object_get_string_member (one, "id"));
        }
      g_free (url);
      url = g_strdup (answer_string (answer, "nextLink"));
    }
  g_error ("%s does not see the subscription %s", who, name);
}

char *
uri_escape (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}
