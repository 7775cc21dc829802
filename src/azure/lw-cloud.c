/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-cloud.h"
#include "lw-json.h"

G_DEFINE_BOXED_TYPE (LwCloud, lw_cloud, lw_cloud_ref, lw_cloud_unref)

/* Endpoints as the az command ships them; api-versions of exemptions as Enterprise Policy as Code uses
 * them (which also goes without policyresources in China), and the newest that each cloud is known to
 * answer. */
typedef struct
{
  const char *name;
  const char *arm;
  const char *login;
  const char *graph;
  const char *storage_suffix;
  const char *exemptions_create;
  const char *exemptions_newest;
  const char *assignments;
  const char *definitions;
  gboolean policy_in_graph;
} Known;

static const Known known_clouds[] = {
  { "AzureCloud", "https://management.azure.com", "https://login.microsoftonline.com",
    "https://graph.microsoft.com", "core.windows.net", "2022-07-01-preview", "2026-01-01-preview",
    "2025-03-01", "2023-04-01", TRUE },
  { "AzureUSGovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us",
    "https://graph.microsoft.us", "core.usgovcloudapi.net", "2024-12-01-preview",
    "2024-12-01-preview", "2023-04-01", "2023-04-01", TRUE },
  { "AzureChinaCloud", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn",
    "https://microsoftgraph.chinacloudapi.cn", "core.chinacloudapi.cn", "2022-07-01-preview",
    "2022-07-01-preview", "2022-06-01", "2021-06-01", FALSE },
};

static void
lw_cloud_clear (gpointer data)
{
  LwCloud *self = data;

  g_free (self->name);
  g_free (self->arm);
  g_free (self->login);
  g_free (self->graph);
  g_free (self->audience);
  g_free (self->storage_suffix);
  g_free (self->blob);
  g_free (self->exemptions_create);
  g_free (self->exemptions_newest);
  g_free (self->assignments);
  g_free (self->definitions);
}

LwCloud *
lw_cloud_ref (LwCloud *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_cloud_unref (LwCloud *self)
{
  g_atomic_rc_box_release_full (self, lw_cloud_clear);
}

static LwCloud *
cloud_from_known (const Known *known)
{
  LwCloud *self = g_atomic_rc_box_new0 (LwCloud);

  self->name = g_strdup (known->name);
  self->arm = g_strdup (known->arm);
  self->login = g_strdup (known->login);
  self->graph = g_strdup (known->graph);
  self->storage_suffix = g_strdup (known->storage_suffix);
  self->exemptions_create = g_strdup (known->exemptions_create);
  self->exemptions_newest = g_strdup (known->exemptions_newest);
  self->assignments = g_strdup (known->assignments);
  self->definitions = g_strdup (known->definitions);
  self->policy_in_graph = known->policy_in_graph;
  return self;
}

LwCloud *
lw_cloud_new_named (const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_clouds); i++)
    {
      if (g_strcmp0 (name, known_clouds[i].name) == 0)
        return cloud_from_known (&known_clouds[i]);
    }
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
               _ ("There is no cloud “%s”. Use AzureCloud, AzureUSGovernment, AzureChinaCloud, or "
                  "custom with its endpoints."),
               name != NULL ? name : "");
  return NULL;
}

static char *
without_trailing_slashes (const char *url)
{
  char *copy = g_strdup (url);

  for (gsize n = copy != NULL ? strlen (copy) : 0; n > 0 && copy[n - 1] == '/'; n--)
    copy[n - 1] = '\0';
  return copy;
}

LwCloud *
lw_cloud_new_custom (const char *arm, const char *login, const char *graph, const char *blob)
{
  LwCloud *self = cloud_from_known (&known_clouds[0]);

  g_set_str (&self->name, "custom");
  g_clear_pointer (&self->storage_suffix, g_free);
  g_free (self->arm);
  self->arm = without_trailing_slashes (arm);
  g_free (self->login);
  self->login = without_trailing_slashes (login);
  g_free (self->graph);
  self->graph = without_trailing_slashes (graph);
  self->blob = without_trailing_slashes (blob);
  return self;
}

/* Api-versions */

gboolean
lw_is_api_version (const char *text)
{
  return g_regex_match_simple ("^20[0-9]{2}-[0-9]{2}-[0-9]{2}(-[a-z]+)?$", text, 0, 0);
}

gboolean
lw_cloud_set_versions (LwCloud *self, JsonObject *versions, GError **error)
{
  const struct
  {
    const char *member;
    char **version;
  } members[] = {
    { "exemptionsCreate", &self->exemptions_create },
    { "exemptionsNewest", &self->exemptions_newest },
    { "assignments", &self->assignments },
    { "definitions", &self->definitions },
  };
  guint found = 0;

  for (guint i = 0; versions != NULL && i < G_N_ELEMENTS (members); i++)
    {
      const char *text = lw_json_get_string (versions, members[i].member);

      if (!json_object_has_member (versions, members[i].member))
        continue;
      found++;
      if (text == NULL || !lw_is_api_version (text))
        {
          g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                       _ ("“apiVersions.%s” of the profile is no version such as "
                          "2024-12-01-preview."),
                       members[i].member);
          return FALSE;
        }
      g_set_str (members[i].version, text);
    }
  if (versions == NULL || found == json_object_get_size (versions))
    return TRUE;
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                       _ ("“apiVersions” of the profile may hold exemptionsCreate, "
                          "exemptionsNewest, assignments and definitions only."));
  return FALSE;
}

char *
lw_cloud_scope (LwCloud *self, LwAudience audience)
{
  switch (audience)
    {
    case LW_AUDIENCE_GRAPH:
      return g_strconcat (self->graph, "/.default", NULL);
    case LW_AUDIENCE_STORAGE:
      return g_strdup ("https://storage.azure.com/.default");
    case LW_AUDIENCE_ARM:
    default:
      return g_strconcat (self->audience != NULL ? self->audience : self->arm, "/.default", NULL);
    }
}

static gboolean
is_loopback (const char *host)
{
  return g_strcmp0 (host, "127.0.0.1") == 0 || g_strcmp0 (host, "::1") == 0 ||
         g_ascii_strcasecmp (host, "localhost") == 0;
}

gboolean
lw_url_is_trustworthy (const char *url)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host;

  if (uri == NULL || g_uri_get_userinfo (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return FALSE;
  host = g_uri_get_host (uri);
  if (host == NULL || host[0] == '\0')
    return FALSE;
  if (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0)
    return TRUE;
  return g_strcmp0 (g_uri_get_scheme (uri), "http") == 0 && is_loopback (host);
}

int
lw_uri_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return port;
  return g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
}

gboolean
lw_uri_same_origin (GUri *a, GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_uri_get_host (a) != NULL && g_uri_get_host (b) != NULL &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         lw_uri_port (a) == lw_uri_port (b);
}

/* Scheme, host and port of a configured endpoint; http counts only where that endpoint is itself plain
 * http on loopback. */
static gboolean
endpoint_allows (const char *endpoint, GUri *uri)
{
  g_autoptr (GUri) base = NULL;

  if (!lw_url_is_trustworthy (endpoint))
    return FALSE;
  base = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);
  return base != NULL && lw_uri_same_origin (base, uri);
}

/* "{account}.blob.{suffix}": an account is 3 to 24 lower-case letters and digits, so that no further
 * label can stand before it. */
static gboolean
is_storage_host (const char *host, const char *suffix)
{
  g_autofree char *tail = g_strconcat (".blob.", suffix, NULL);
  gsize account;

  if (!g_str_has_suffix (host, tail))
    return FALSE;
  account = strlen (host) - strlen (tail);
  if (account < 3 || account > 24)
    return FALSE;
  for (gsize i = 0; i < account; i++)
    {
      if (!g_ascii_islower (host[i]) && !g_ascii_isdigit (host[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
lw_cloud_allows (LwCloud *self, LwAudience audience, GUri *uri)
{
  g_autofree char *host = NULL;

  g_return_val_if_fail (self != NULL && uri != NULL, FALSE);

  if (g_uri_get_userinfo (uri) != NULL || g_uri_get_host (uri) == NULL)
    return FALSE;
  switch (audience)
    {
    case LW_AUDIENCE_ARM:
      return endpoint_allows (self->arm, uri);
    case LW_AUDIENCE_GRAPH:
      return endpoint_allows (self->graph, uri);
    case LW_AUDIENCE_STORAGE:
      if (self->blob != NULL)
        return endpoint_allows (self->blob, uri);
      host = g_ascii_strdown (g_uri_get_host (uri), -1);
      return self->storage_suffix != NULL && g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 &&
             lw_uri_port (uri) == 443 && is_storage_host (host, self->storage_suffix);
    default:
      return FALSE;
    }
}
