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
  char *certificate_file;
  char *name;
  char *account_id;
  char *account_upn;
  char *key;
  gboolean needs_endpoints;
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
  g_free (self->certificate_file);
  g_free (self->name);
  g_free (self->account_id);
  g_free (self->account_upn);
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
read_endpoint (JsonObject *endpoints,
               const char *member,
               gboolean needed,
               const char **value,
               GError **error)
{
  if (!read_string (endpoints, member, value, error))
    return FALSE;
  if (*value == NULL && !needed)
    return TRUE;
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
is_domain (const char *text)
{
  gboolean dot = FALSE;

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
has_member (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

static gboolean
read_endpoints (LwProfile *self, GError **error)
{
  const char *name, *suffix, *audience, *arm, *login, *graph, *blob;
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
  self->needs_endpoints = !has_member (endpoints, "login") && !has_member (endpoints, "graph") &&
                          !has_member (endpoints, "blob") &&
                          !has_member (endpoints, "storageSuffix");
  if (!read_string (endpoints, "storageSuffix", &suffix, error) ||
      !read_string (endpoints, "audience", &audience, error) ||
      !read_endpoint (endpoints, "arm", TRUE, &arm, error) ||
      !read_endpoint (endpoints, "login", !self->needs_endpoints, &login, error) ||
      !read_endpoint (endpoints, "graph", !self->needs_endpoints, &graph, error) ||
      !read_endpoint (endpoints, "blob", !self->needs_endpoints && suffix == NULL, &blob, error))
    return FALSE;
  if (suffix != NULL && !is_domain (suffix))
    return refuse (error, _ ("The endpoint “%s” of the profile is no domain name: %s"),
                   "storageSuffix", suffix);
  if (self->needs_endpoints)
    login = graph = blob = "";
  self->cloud = lw_cloud_new_custom (arm, login, graph, blob);
  g_set_str (&self->cloud->storage_suffix, suffix);
  g_set_str (&self->cloud->audience, audience);
  return TRUE;
}

static gboolean
read_cloud (LwProfile *self, GError **error)
{
  JsonObject *versions = lw_json_get_object (self->json, "apiVersions");

  if (has_member (self->json, "apiVersions") && versions == NULL)
    return refuse (error, _ ("“%s” of the profile is no JSON object."), "apiVersions");
  return read_endpoints (self, error) && lw_cloud_set_versions (self->cloud, versions, error);
}

/* A GUID, or a domain name such as contoso.onmicrosoft.com. */
static gboolean
is_tenant (const char *text)
{
  return g_uuid_string_is_valid (text) || is_domain (text);
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
  static const char *const names[] = {
    [LW_SIGN_IN_BROWSER] = "browser", [LW_SIGN_IN_DEVICE_CODE] = "device-code",
    [LW_SIGN_IN_SECRET] = "secret",   [LW_SIGN_IN_CERTIFICATE] = "certificate",
    [LW_SIGN_IN_TOKEN] = "token",
  };
  const char *how;

  if (!read_string (self->json, "signIn", &how, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (how != NULL && strcmp (how, names[i]) != 0)
        continue;
      self->sign_in = (LwSignIn) i;
      return TRUE;
    }
  return refuse (error,
                 _ ("There is no way to sign in called “%s”. Use browser, device-code, secret, "
                    "certificate or token."),
                 how);
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
  if (g_uri_get_query (uri) != NULL ||
      (!self->needs_endpoints && !lw_cloud_allows (self->cloud, LW_AUDIENCE_STORAGE, uri)))
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
read_path (LwProfile *self, const char *member, char **path, GError **error)
{
  const char *text;

  if (!read_string (self->json, member, &text, error))
    return FALSE;
  if (text != NULL && !g_path_is_absolute (text))
    return refuse (error, _ ("The “%s” of the profile needs its full path: %s"), member, text);
  *path = g_strdup (text);
  return TRUE;
}

static gboolean
read_files (LwProfile *self, GError **error)
{
  if (!read_path (self, "caFile", &self->ca_file, error) ||
      !read_path (self, "certificateFile", &self->certificate_file, error))
    return FALSE;
  if (self->sign_in == LW_SIGN_IN_CERTIFICATE && self->certificate_file == NULL)
    return refuse (error,
                   _ ("To sign in with a certificate, the profile needs “certificateFile”: the "
                      "full path of a PEM file with the certificate and its private key."));
  return TRUE;
}

static gboolean
read_account (LwProfile *self, GError **error)
{
  JsonNode *node = json_object_get_member (self->json, "account");
  JsonObject *account = lw_json_get_object (self->json, "account");
  const char *name, *id = NULL, *upn = NULL;

  if (!read_string (self->json, "name", &name, error))
    return FALSE;
  if (node != NULL && !JSON_NODE_HOLDS_NULL (node) && account == NULL)
    return refuse (error, _ ("“%s” of the profile is no JSON object."), "account");
  if (account != NULL &&
      (!read_string (account, "id", &id, error) || !read_string (account, "upn", &upn, error)))
    return FALSE;
  if (account != NULL && id == NULL)
    return refuse (error, _ ("The “account” of the profile has no “id”."));
  self->name = g_strdup (name);
  self->account_id = g_strdup (id);
  self->account_upn = g_strdup (upn);
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

static LwProfile *
profile_from_object (JsonObject *object, GError **error)
{
  g_autoptr (LwProfile) self = g_atomic_rc_box_new0 (LwProfile);

  self->json = lw_json_object_copy (object);
  if (!read_cloud (self, error) || !read_sign_in (self, error) || !read_tenant (self, error) ||
      !read_ledger (self, error) || !read_files (self, error) || !read_account (self, error))
    return NULL;
  make_key (self);
  return g_steal_pointer (&self);
}

LwProfile *
lw_profile_from_json (GBytes *bytes, GError **error)
{
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
  return profile_from_object (object, error);
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
lw_profile_get_name (LwProfile *self)
{
  return self->name;
}

const char *
lw_profile_get_account_id (LwProfile *self)
{
  return self->account_id;
}

const char *
lw_profile_get_account_upn (LwProfile *self)
{
  return self->account_upn;
}

const char *
lw_profile_get_certificate_file (LwProfile *self)
{
  return self->certificate_file;
}

gboolean
lw_profile_needs_endpoints (LwProfile *self)
{
  return self->needs_endpoints;
}

LwProfile *
lw_profile_with_account (LwProfile *self, const char *oid, const char *upn)
{
  g_autoptr (JsonObject) object = lw_json_object_copy (self->json);
  g_autoptr (GError) error = NULL;
  LwProfile *copy;

  json_object_remove_member (object, "account");
  if (oid != NULL && oid[0] != '\0')
    {
      JsonObject *account = json_object_new ();

      json_object_set_string_member (account, "id", oid);
      if (upn != NULL)
        json_object_set_string_member (account, "upn", upn);
      json_object_set_object_member (object, "account", account);
    }
  copy = profile_from_object (object, &error);
  /* The rest was read before, so it is in order. */
  g_assert_no_error (error);
  return copy;
}

LwProfile *
lw_profile_with_cloud (LwProfile *self, LwCloud *cloud, GError **error)
{
  g_autoptr (JsonObject) object = lw_json_object_copy (self->json);
  JsonObject *endpoints;

  json_object_set_string_member (object, "cloud", cloud->name);
  json_object_remove_member (object, "endpoints");
  if (!g_str_equal (cloud->name, "custom"))
    return profile_from_object (object, error);
  endpoints = json_object_new ();
  json_object_set_string_member (endpoints, "arm", cloud->arm);
  json_object_set_string_member (endpoints, "login", cloud->login);
  json_object_set_string_member (endpoints, "graph", cloud->graph);
  if (cloud->blob != NULL)
    json_object_set_string_member (endpoints, "blob", cloud->blob);
  else if (cloud->storage_suffix != NULL)
    json_object_set_string_member (endpoints, "storageSuffix", cloud->storage_suffix);
  if (cloud->audience != NULL)
    json_object_set_string_member (endpoints, "audience", cloud->audience);
  json_object_set_object_member (object, "endpoints", endpoints);
  return profile_from_object (object, error);
}

const char *
lw_profile_get_key (LwProfile *self)
{
  return self->key;
}
