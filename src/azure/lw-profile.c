/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-json.h"
#include "lw-profile.h"

#define MAX_PROFILE_SIZE (64 * 1024)

struct _LwProfile
{
  LwCloud *cloud;
  char *tenant;
  char *client_id;
  char *ledger;
  LwSignIn sign_in;
  char *ca_file;
  char *key;
  JsonObject *json; /* as read, unknown members included */
};

static void
lw_profile_clear (gpointer data)
{
  LwProfile *self = data;

  g_clear_pointer (&self->cloud, lw_cloud_unref);
  g_free (self->tenant);
  g_free (self->client_id);
  g_free (self->ledger);
  g_free (self->ca_file);
  g_free (self->key);
  g_clear_pointer (&self->json, json_object_unref);
}

LwProfile *
lw_profile_ref (LwProfile *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_profile_unref (LwProfile *self)
{
  g_atomic_rc_box_release_full (self, lw_profile_clear);
}

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE, text);
  return FALSE;
}

/* A member that must be a string where it is there. */
static gboolean
read_string (JsonObject *object, const char *member, const char **value, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  *value = lw_json_get_string (object, member);
  if (node != NULL && !JSON_NODE_HOLDS_NULL (node) && *value == NULL)
    return refuse (error, _ ("“%s” of the profile is not a text."), member);
  if (*value != NULL && (*value)[0] == '\0')
    *value = NULL;
  return TRUE;
}

static gboolean
read_endpoint (JsonObject *endpoints, const char *member, const char **value, GError **error)
{
  if (!read_string (endpoints, member, value, error))
    return FALSE;
  if (*value == NULL)
    return refuse (error, _ ("A profile for a custom cloud needs the endpoint “%s”."), member);
  if (!lw_url_is_trustworthy (*value))
    return refuse (error,
                   _ ("The endpoint “%s” of the profile is no https address (plain http is for "
                      "this machine only): %s"),
                   member, *value);
  return TRUE;
}

static gboolean
read_cloud (LwProfile *self, GError **error)
{
  const char *name, *arm, *login, *graph, *blob;
  JsonObject *endpoints = lw_json_get_object (self->json, "endpoints");

  if (!read_string (self->json, "cloud", &name, error))
    return FALSE;
  if (name == NULL)
    name = endpoints != NULL ? "custom" : "AzureCloud";
  if (strcmp (name, "custom") != 0)
    {
      self->cloud = lw_cloud_new_named (name, error);
      return self->cloud != NULL;
    }
  if (endpoints == NULL)
    return refuse (error, _ ("A profile for a custom cloud needs “endpoints” with “arm”, “login”, "
                             "“graph” and “blob”."));
  if (!read_endpoint (endpoints, "arm", &arm, error) ||
      !read_endpoint (endpoints, "login", &login, error) ||
      !read_endpoint (endpoints, "graph", &graph, error) ||
      !read_endpoint (endpoints, "blob", &blob, error))
    return FALSE;
  self->cloud = lw_cloud_new_custom (arm, login, graph, blob);
  return TRUE;
}

/* A GUID, or a domain name such as contoso.onmicrosoft.com. */
static gboolean
is_tenant (const char *text)
{
  gboolean dot = FALSE;

  if (g_uuid_string_is_valid (text))
    return TRUE;
  if (strlen (text) > 253 || text[0] == '.' || text[0] == '-' || g_str_has_suffix (text, ".") ||
      strstr (text, "..") != NULL)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      dot = dot || *p == '.';
      if (!g_ascii_isalnum (*p) && *p != '.' && *p != '-')
        return FALSE;
    }
  return dot;
}

static gboolean
read_tenant (LwProfile *self, GError **error)
{
  const char *tenant, *client;

  if (!read_string (self->json, "tenant", &tenant, error) ||
      !read_string (self->json, "clientId", &client, error))
    return FALSE;
  if (tenant == NULL)
    return refuse (error,
                   _ ("The profile has no “tenant”: the tenant's id or one of its domains."));
  if (g_strcmp0 (tenant, "common") == 0 || g_strcmp0 (tenant, "organizations") == 0 ||
      g_strcmp0 (tenant, "consumers") == 0)
    return refuse (error,
                   _ ("“%s” is no tenant. Name the tenant whose exemptions are meant, by its id or "
                      "one of its domains."),
                   tenant);
  if (!is_tenant (tenant))
    return refuse (error, _ ("“%s” is neither a tenant's id nor a domain."), tenant);
  if (client == NULL && self->sign_in != LW_SIGN_IN_TOKEN)
    return refuse (error, _ ("The profile has no “clientId”: the application (client) id of your "
                             "app registration."));
  if (client != NULL && !g_uuid_string_is_valid (client))
    return refuse (error, _ ("The “clientId” of the profile is no application id: %s"), client);
  self->tenant = g_strdup (tenant);
  self->client_id = g_strdup (client);
  return TRUE;
}

static gboolean
read_sign_in (LwProfile *self, GError **error)
{
  const char *how;

  if (!read_string (self->json, "signIn", &how, error))
    return FALSE;
  if (how == NULL || strcmp (how, "browser") == 0)
    self->sign_in = LW_SIGN_IN_BROWSER;
  else if (strcmp (how, "token") == 0)
    self->sign_in = LW_SIGN_IN_TOKEN;
  else if (strcmp (how, "device-code") == 0 || strcmp (how, "secret") == 0 ||
           strcmp (how, "certificate") == 0)
    return refuse (error,
                   _ ("The profile asks to sign in by “%s”. This version can sign in by browser or "
                      "with a given token."),
                   how);
  else
    return refuse (error, _ ("There is no way to sign in called “%s”. Use browser or token."), how);
  return TRUE;
}

/* "https://host/name" where @name may begin a container's name: shelves append "-requests" and so on,
 * to 63 characters in all. */
static gboolean
is_container_url (LwProfile *self, const char *ledger)
{
  g_autoptr (GUri) uri = NULL;
  const char *name;

  if (!lw_url_is_trustworthy (ledger))
    return FALSE;
  uri = g_uri_parse (ledger, G_URI_FLAGS_NONE, NULL);
  if (!lw_cloud_allows (self->cloud, LW_AUDIENCE_STORAGE, uri) || g_uri_get_query (uri) != NULL)
    return FALSE;
  name = strrchr (g_uri_get_path (uri), '/');
  if (name == NULL || strlen (name + 1) < 3 || strlen (name + 1) > 54 ||
      strstr (name, "--") != NULL || name[1] == '-' || g_str_has_suffix (name, "-"))
    return FALSE;
  for (const char *p = name + 1; *p != '\0'; p++)
    {
      if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && *p != '-')
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_ledger (LwProfile *self, GError **error)
{
  const char *ledger;

  if (!read_string (self->json, "ledger", &ledger, error))
    return FALSE;
  if (ledger == NULL)
    return refuse (error,
                   _ ("The profile has no “ledger”: a folder, or a name in a storage account "
                      "such as https://account.blob.core.windows.net/leeway."));
  if (!g_path_is_absolute (ledger) && !g_str_has_prefix (ledger, "file:///") &&
      !is_container_url (self, ledger))
    return refuse (error,
                   _ ("“%s” is no place for a ledger: give a folder with its full path, or "
                      "https://account.blob.…/name of a storage account of the profile's cloud."),
                   ledger);
  self->ledger = g_strdup (ledger);
  return TRUE;
}

static gboolean
read_ca_file (LwProfile *self, GError **error)
{
  const char *path;

  if (!read_string (self->json, "caFile", &path, error))
    return FALSE;
  if (path != NULL && !g_path_is_absolute (path))
    return refuse (error, _ ("The “caFile” of the profile needs its full path: %s"), path);
  self->ca_file = g_strdup (path);
  return TRUE;
}

static void
make_key (LwProfile *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *tenant = g_ascii_strdown (self->tenant, -1);
  g_autofree char *client = g_ascii_strdown (self->client_id != NULL ? self->client_id : "", -1);
  const char *parts[] = { self->cloud->name, self->cloud->arm, tenant, client, self->ledger };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (sum, (const guchar *) parts[i], strlen (parts[i]) + 1);
  self->key = g_strndup (g_checksum_get_string (sum), 16);
}

LwProfile *
lw_profile_from_json (GBytes *bytes, GError **error)
{
  g_autoptr (LwProfile) self = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = lw_json_parse (bytes, MAX_PROFILE_SIZE, &local);
  JsonObject *object = lw_json_node_object (root);

  if (root == NULL)
    {
      refuse (error, _ ("The profile cannot be read: %s"), local->message);
      return NULL;
    }
  if (object == NULL)
    {
      refuse (error, _ ("The profile is no JSON object."));
      return NULL;
    }
  self = g_atomic_rc_box_new0 (LwProfile);
  self->json = lw_json_object_copy (object);
  if (!read_cloud (self, error) || !read_sign_in (self, error) || !read_tenant (self, error) ||
      !read_ledger (self, error) || !read_ca_file (self, error))
    return NULL;
  make_key (self);
  return g_steal_pointer (&self);
}

LwProfile *
lw_profile_load (const char *path, GError **error)
{
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  if (!g_file_get_contents (path, &contents, &length, &local))
    {
      refuse (error, _ ("The profile cannot be read: %s"), local->message);
      return NULL;
    }
  bytes = g_bytes_new_take (g_steal_pointer (&contents), length);
  return lw_profile_from_json (bytes, error);
}

GBytes *
lw_profile_to_json (LwProfile *self)
{
  g_autoptr (JsonNode) node = lw_json_object_to_node (self->json);
  char *text = lw_json_pretty (node);

  return g_bytes_new_take (text, strlen (text));
}

LwCloud *
lw_profile_get_cloud (LwProfile *self)
{
  return self->cloud;
}

const char *
lw_profile_get_tenant (LwProfile *self)
{
  return self->tenant;
}

const char *
lw_profile_get_client_id (LwProfile *self)
{
  return self->client_id;
}

const char *
lw_profile_get_ledger (LwProfile *self)
{
  return self->ledger;
}

LwSignIn
lw_profile_get_sign_in (LwProfile *self)
{
  return self->sign_in;
}

const char *
lw_profile_get_ca_file (LwProfile *self)
{
  return self->ca_file;
}

const char *
lw_profile_get_key (LwProfile *self)
{
  return self->key;
}
