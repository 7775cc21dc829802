/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Calls of Resource Manager: their addresses, and the api-version that the cloud knows. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"

#define MAX_CHANGES 8 /* of the api-version within one call */

/* An id is a path of names: nothing in it may lead elsewhere. */
static gboolean
is_arm_path (const char *id)
{
  g_auto (GStrv) segments = NULL;

  if (id[0] == '\0')
    return TRUE;
  if (id[0] != '/' || strlen (id) > 4096 || !g_utf8_validate (id, -1, NULL))
    return FALSE;
  segments = g_strsplit (id + 1, "/", -1);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      if (segments[i][0] == '\0' || g_str_equal (segments[i], ".") ||
          g_str_equal (segments[i], ".."))
        return FALSE;
    }
  for (const char *p = id; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p) || *p == '?' || *p == '#' || *p == '\\')
        return FALSE;
    }
  return TRUE;
}

char *
lw_arm_url (LwClient *self, const LwArmCall *call, GError **error)
{
  g_autofree char *id = lw_arm_id_normalize (call->id);
  g_autoptr (GString) url = NULL;

  if (!is_arm_path (id))
    {
      g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                   _ ("“%s” is no Azure resource id."), call->id);
      return NULL;
    }
  url = g_string_new (self->cloud->arm);
  g_string_append_uri_escaped (url, id, "/()!$&'*+,;=:@", FALSE);
  g_string_append (url, call->suffix != NULL ? call->suffix : "");
  g_string_append_printf (url, "?api-version=%s",
                          call->api == LW_API_FIXED ? call->version
                                                    : lw_client_version (self, call->api));
  for (guint i = 0; call->query != NULL && call->query[i] != NULL; i += 2)
    {
      g_string_append_printf (url, "&%s=", call->query[i]);
      g_string_append_uri_escaped (url, call->query[i + 1], "/()'$,:", FALSE);
    }
  return g_string_free (g_steal_pointer (&url), FALSE);
}

char *
lw_odata_quote (const char *text)
{
  g_autoptr (GString) quoted = g_string_new (text);

  g_string_replace (quoted, "'", "''", 0);
  g_string_prepend_c (quoted, '\'');
  g_string_append_c (quoted, '\'');
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

/* A refused api-version says nothing about whether the object is there. Takes @error. */
static GError *
version_error (GError *error)
{
  g_autoptr (GError) cause = error;

  return lw_azure_error_new (LW_AZURE_ERROR_INVALID, lw_azure_error_get_details (cause),
                             cause->message);
}

/* Whether what the call writes is safe with the api-version in use. */
static gboolean
may_write (LwClient *self, const LwArmCall *call, GError **error)
{
  const char *version = call->api < LW_N_APIS ? lw_client_version (self, call->api) : NULL;

  if (call->overwrites && !lw_client_may_overwrite (self, error))
    return FALSE;
  if (call->oldest == NULL || version == NULL || strcmp (version, call->oldest) >= 0)
    return TRUE;
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
               _ ("This cloud knows version %s of policy exemptions, which would leave out the "
                  "selectors and so exempt more than was asked for. Version %s is needed."),
               version, call->oldest);
  return FALSE;
}

/* Starts the call at @url: resolves to what the caller wants. */
typedef DexFuture *(*SendCall) (LwClient *self,
                                const LwArmCall *call,
                                const char *url,
                                const LwPageReader *reader);

static DexFuture *
send_json (LwClient *self, const LwArmCall *call, const char *url, const LwPageReader *reader)
{
  /* GET may be sent twice; so may the POSTs here, which only ask. A second PUT would undo what
   * somebody else did between. */
  return lw_transport_json (self->transport, LW_AUDIENCE_ARM, call->method, url, call->body,
                            !g_str_equal (call->method, "PUT"));
}

static DexFuture *
send_list (LwClient *self, const LwArmCall *call, const char *url, const LwPageReader *reader)
{
  return lw_transport_list (self->transport, LW_AUDIENCE_ARM, call->method, url, reader);
}

static DexFuture *
send_plain (LwClient *self, const LwArmCall *call, const char *url, const LwPageReader *reader)
{
  /* A second DELETE would take away what somebody else made between. */
  return lw_transport_send (self->transport, LW_AUDIENCE_ARM, call->method, url, NULL, NULL, NULL,
                            !g_str_equal (call->method, "DELETE"));
}

static gpointer
await_with_version (LwClient *self,
                    const LwArmCall *call,
                    SendCall start,
                    const LwPageReader *reader,
                    GError **error)
{
  for (guint change = 0;; change++)
    {
      g_autofree char *used =
          call->api < LW_N_APIS ? g_strdup (lw_client_version (self, call->api)) : NULL;
      g_autofree char *url = may_write (self, call, error) ? lw_arm_url (self, call, error) : NULL;
      g_autoptr (GError) local = NULL;
      gpointer answer;

      if (url == NULL)
        return NULL;
      answer = dex_await_boxed (start (self, call, url, reader), &local);
      if (answer != NULL)
        return answer;
      if (!lw_error_is_version (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (used == NULL || change == MAX_CHANGES ||
          !lw_client_change_version (self, call->api, used, local))
        {
          g_propagate_error (error, version_error (g_steal_pointer (&local)));
          return NULL;
        }
    }
}

JsonNode *
lw_arm_await (LwClient *self, const LwArmCall *call, GError **error)
{
  return await_with_version (self, call, send_json, NULL, error);
}

LwPage *
lw_arm_await_page (LwClient *self,
                   const LwArmCall *call,
                   const LwPageReader *reader,
                   GError **error)
{
  return await_with_version (self, call, send_list, reader, error);
}

GPtrArray *
lw_arm_await_values (LwClient *self,
                     const LwArmCall *call,
                     LwReadElement read,
                     GDestroyNotify destroy,
                     GError **error)
{
  const LwPageReader reader = { "value", read, destroy };
  g_autoptr (LwPage) page = lw_arm_await_page (self, call, &reader, error);

  return page != NULL ? lw_client_take_page (self, page) : NULL;
}

JsonNode *
lw_arm_await_list (LwClient *self, const LwArmCall *call, GError **error)
{
  static const LwPageReader reader = { "value", NULL, NULL };
  g_autoptr (LwPage) page = lw_arm_await_page (self, call, &reader, error);

  return page != NULL ? lw_page_to_array (page) : NULL;
}

guint
lw_arm_await_status (LwClient *self, const LwArmCall *call, GError **error)
{
  g_autoptr (LwAnswer) answer = await_with_version (self, call, send_plain, NULL, error);

  return answer != NULL ? answer->status : 0;
}
