/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-transport-private.h"

#define MAX_PAGES 10000

static DexFuture *
protocol_error (const char *text)
{
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL, "%s", text);
}

/* The next page's address under any of its names; %NULL at the end. %FALSE where it is no text. */
static gboolean
read_next_link (JsonObject *page, const char **next)
{
  static const char *const names[] = { "nextLink", "@odata.nextLink", "@nextLink" };

  *next = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonNode *node = json_object_get_member (page, names[i]);

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      *next = lw_json_get_string (page, names[i]);
      if (*next == NULL)
        return FALSE;
      if ((*next)[0] == '\0')
        *next = NULL;
    }
  return TRUE;
}

/* The page's own way to the next one, which must stay on the host that was asked. */
static gboolean
check_next_link (const char *first, const char *next, GHashTable *seen, GError **error)
{
  g_autoptr (GUri) from = g_uri_parse (first, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) to = g_uri_parse (next, SOUP_HTTP_URI_FLAGS, NULL);

  if (from == NULL || to == NULL || g_uri_get_userinfo (to) != NULL ||
      !lw_uri_same_origin (from, to))
    {
      g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST,
                   _ ("The list continues at another host (%s). The sign-in is not sent there."),
                   to != NULL && g_uri_get_host (to) != NULL ? g_uri_get_host (to) : "?");
      return FALSE;
    }
  if (!g_hash_table_add (seen, g_strdup (next)))
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The list leads back to a page that was read already."));
      return FALSE;
    }
  return TRUE;
}

static DexFuture *
send_page (const LwSending *self, const char *url)
{
  LwSending *page = lw_sending_new (self->transport, self->audience, self->method, url);

  page->idempotent = TRUE;
  page->reader = self->reader;
  return lw_sending_json (page);
}

static DexFuture *
list_fiber (gpointer data)
{
  LwSending *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwPage) all = lw_page_new (&self->reader);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *url = g_strdup (self->url);

  g_hash_table_add (seen, g_strdup (url));
  for (guint pages = 0; url != NULL; pages++)
    {
      g_autoptr (LwPage) page = NULL;
      const char *next;

      if (pages == MAX_PAGES || all->values->len > LW_MAX_ELEMENTS)
        return protocol_error (_ ("The list does not end. It was given up."));
      page = dex_await_boxed (send_page (self, url), &error);
      if (page == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      if (page->values == NULL || !read_next_link (page->rest, &next))
        return protocol_error (_ ("Azure's answer is not the list that was asked for."));
      if (next != NULL && !check_next_link (self->url, next, seen, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      lw_page_append (all, page);
      g_set_str (&url, next);
    }
  return dex_future_new_take_boxed (LW_TYPE_PAGE, g_steal_pointer (&all));
}

DexFuture *
lw_transport_list (LwTransport *self,
                   LwAudience audience,
                   const char *method,
                   const char *url,
                   const LwPageReader *reader)
{
  LwSending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL && reader != NULL);

  sending = lw_sending_new (self, audience, method, url);
  sending->reader = *reader;
  return lw_spawn (list_fiber, sending, lw_sending_free);
}
