/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A cloud's endpoints as its Resource Manager gives them, without sign-in. Since api-version 2020-06-01
 * the answer is one object: "authentication" {"loginEndpoint", "audiences"}, "microsoftGraphResourceId",
 * "resourceManager", "suffixes" {"storage"}; before, it was a list of such objects, one for each cloud,
 * without the address of Microsoft Graph.
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-cloud.h"
#include "lw-fault.h"
#include "lw-json.h"
#include "lw-wire.h"

#define ENDPOINTS_VERSION "2022-09-01"
#define TIMEOUT_MS        30000

static gboolean
same_origin (const char *a, const char *b)
{
  g_autoptr (GUri) left = a != NULL ? g_uri_parse (a, G_URI_FLAGS_NONE, NULL) : NULL;
  g_autoptr (GUri) right = b != NULL ? g_uri_parse (b, G_URI_FLAGS_NONE, NULL) : NULL;

  return left != NULL && right != NULL && lw_uri_same_origin (left, right);
}

/* The known cloud with that address. (nullable) (transfer full) */
static LwCloud *
known_cloud (const char *arm)
{
  static const char *const names[] = { "AzureCloud", "AzureUSGovernment", "AzureChinaCloud" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (LwCloud) cloud = lw_cloud_new_named (names[i], NULL);

      if (same_origin (cloud->arm, arm))
        return g_steal_pointer (&cloud);
    }
  return NULL;
}

/* Whether @host is one of Microsoft's own clouds, whose tokens must not go anywhere else. */
static gboolean
is_known_host (const char *host)
{
  static const char *const domains[] = {
    "azure.com",           "azure.net",          "azure.us",           "azure.cn",
    "windows.net",         "microsoft.com",      "microsoft.us",       "microsoftazure.us",
    "microsoftonline.com", "microsoftonline.us", "microsoftonline.cn", "microsoftonline-p.com",
    "usgovcloudapi.net",   "chinacloudapi.cn",
  };
  /* As it is asked for on the net: other letters, and a dot at the end, are the same host. */
  g_autofree char *ascii = host != NULL ? g_hostname_to_ascii (host) : NULL;
  g_autofree char *name = ascii != NULL ? g_ascii_strdown (ascii, -1) : NULL;
  gsize length = name != NULL ? strlen (name) : 0;

  while (length > 0 && name[length - 1] == '.')
    name[--length] = '\0';
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (domains); i++)
    {
      gsize tail = strlen (domains[i]);

      if (g_str_has_suffix (name, domains[i]) && (length == tail || name[length - tail - 1] == '.'))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_known_url (const char *url)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;

  return uri != NULL && is_known_host (g_uri_get_host (uri));
}

/* The object itself, or the element of a list that is about @arm. (nullable) */
static JsonObject *
find_entry (const char *arm, JsonNode *metadata)
{
  JsonArray *list = JSON_NODE_HOLDS_ARRAY (metadata) ? json_node_get_array (metadata) : NULL;

  if (list == NULL)
    return lw_json_node_object (metadata);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = lw_json_array_get_object (list, i);

      if (same_origin (lw_json_get_string (entry, "resourceManager"), arm))
        return entry;
    }
  return json_array_get_length (list) == 1 ? lw_json_array_get_object (list, 0) : NULL;
}

/* Tokens are for @arm itself where it is among the audiences, else for the first of them, as az does.
 * (nullable) */
static const char *
find_audience (const char *arm, JsonArray *audiences)
{
  for (guint i = 0; audiences != NULL && i < json_array_get_length (audiences); i++)
    {
      if (same_origin (lw_json_array_get_string (audiences, i), arm))
        return NULL;
    }
  return audiences != NULL && json_array_get_length (audiences) > 0
             ? lw_json_array_get_string (audiences, 0)
             : NULL;
}

static char *
without_trailing_slash (const char *text)
{
  gsize length = strlen (text);

  return g_strndup (text, length > 0 && text[length - 1] == '/' ? length - 1 : length);
}

static gboolean
check_endpoint (const char *arm, const char *what, const char *url, GError **error)
{
  if (url == NULL)
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                 _ ("%s does not say where its “%s” is. Give all endpoints in the profile."), arm,
                 what);
  else if (!lw_url_is_trustworthy (url))
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                 _ ("%s names an address for “%s” that is not https: %s"), arm, what, url);
  else if (is_known_url (url))
    g_set_error (
        error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
        _ ("%s names an address for “%s” that belongs to another cloud: %s. A sign-in there "
           "is not for this host. Give all endpoints in the profile."),
        arm, what, url);
  else
    return TRUE;
  return FALSE;
}

/* Without sign-in anybody may answer: what would lead tokens of one cloud to another is not believed. */
static gboolean
check_other_clouds (const char *arm,
                    JsonObject *entry,
                    const char *audience,
                    const char *storage,
                    GError **error)
{
  const char *manager = lw_json_get_string (entry, "resourceManager");

  if (manager != NULL && manager[0] != '\0' && !same_origin (manager, arm))
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                 _ ("%s gives the endpoints of another host: %s"), arm, manager);
  else if (is_known_url (audience))
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                 _ ("%s asks for tokens that are for another cloud: %s"), arm, audience);
  else if (is_known_host (storage))
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                 _ ("%s names the storage of another cloud: %s"), arm, storage);
  else
    return TRUE;
  return FALSE;
}

LwCloud *
lw_cloud_from_metadata (const char *arm, JsonNode *metadata, GError **error)
{
  g_autoptr (LwCloud) cloud = NULL;
  JsonObject *entry;
  JsonObject *authentication;
  const char *login, *graph, *audience, *storage;

  g_return_val_if_fail (arm != NULL && metadata != NULL, NULL);

  entry = find_entry (arm, metadata);
  authentication = lw_json_get_object (entry, "authentication");
  login = lw_json_get_string (authentication, "loginEndpoint");
  graph = lw_json_get_string (entry, "microsoftGraphResourceId");
  if (!check_endpoint (arm, "login", login, error) || !check_endpoint (arm, "graph", graph, error))
    return NULL;
  audience = find_audience (arm, lw_json_get_array (authentication, "audiences"));
  storage = lw_json_get_string (lw_json_get_object (entry, "suffixes"), "storage");
  if (!check_other_clouds (arm, entry, audience, storage, error))
    return NULL;
  cloud = lw_cloud_new_custom (arm, login, graph, NULL);
  g_set_str (&cloud->storage_suffix, storage);
  /* As it stands: the resource "https://host/" is asked for as "https://host//.default". */
  g_set_str (&cloud->audience, audience);
  return g_steal_pointer (&cloud);
}

typedef struct
{
  char *arm;
  char *ca_file;
} Discovery;

static void
discovery_free (gpointer data)
{
  Discovery *self = data;

  g_free (self->arm);
  g_free (self->ca_file);
  g_free (self);
}

static DexFuture *
discover_fiber (gpointer data)
{
  static const char *const headers[] = { "Accept", "application/json", NULL };
  Discovery *self = data;
  g_autoptr (LwWire) wire = lw_wire_new (self->ca_file);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *url =
      g_strconcat (self->arm, "/metadata/endpoints?api-version=" ENDPOINTS_VERSION, NULL);
  LwCloud *cloud;

  answer = dex_await_boxed (lw_wire_exchange (wire, "GET", url, headers, NULL, NULL, TIMEOUT_MS),
                            &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (answer->status != 200)
    return dex_future_new_for_error (lw_fault_new ("GET", url, answer));
  node = dex_await_boxed (lw_gate (lw_parse_json (answer->body)), &error);
  cloud = node != NULL ? lw_cloud_from_metadata (self->arm, node, &error) : NULL;
  if (cloud == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (LW_TYPE_CLOUD, cloud);
}

DexFuture *
lw_cloud_discover (const char *arm, const char *ca_file)
{
  g_autoptr (LwCloud) known = NULL;
  Discovery *discovery;

  dex_return_error_if_fail (arm != NULL);

  if (!lw_url_is_trustworthy (arm))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                                  _ ("“%s” is no https address."), arm);
  known = known_cloud (arm);
  if (known != NULL)
    return dex_future_new_take_boxed (LW_TYPE_CLOUD, g_steal_pointer (&known));
  discovery = g_new0 (Discovery, 1);
  discovery->arm = without_trailing_slash (arm);
  discovery->ca_file = g_strdup (ca_file);
  return lw_spawn (discover_fiber, discovery, discovery_free);
}
