/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-probe.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "lw-entra.h"
#include "lw-json.h"
#include "lw-thread.h"
#include "lw-wire.h"

#define PROBE_MS 20000
/* SHA-256 of nothing */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

typedef struct
{
  LwCloud *cloud;
  char *tenant;
  char *client_id;
  char *ca_file;
  LwSignIn how;
} Probe;

static void
probe_free (gpointer data)
{
  Probe *self = data;

  lw_cloud_unref (self->cloud);
  g_free (self->tenant);
  g_free (self->client_id);
  g_free (self->ca_file);
  g_free (self);
}

static Probe *
probe_new (LwCloud *cloud, const char *tenant, const char *client_id, const char *ca_file)
{
  Probe *self = g_new0 (Probe, 1);

  self->cloud = lw_cloud_ref (cloud);
  self->tenant = g_strdup (tenant);
  self->client_id = g_strdup (client_id);
  self->ca_file = g_strdup (ca_file);
  return self;
}

/* Awaits. @form: (nullable): POSTed */
static LwAnswer *
exchange (Probe *self, const char *url, const char *const *form, GError **error)
{
  static const char *const headers[] = { "Accept", "application/json", NULL };
  g_autoptr (LwWire) wire = lw_wire_new (self->ca_file);
  g_autoptr (GBytes) body = NULL;

  if (form != NULL)
    {
      char *text = lw_form_encode (form);

      body = g_bytes_new_take (text, strlen (text));
    }
  return dex_await_boxed (
      lw_wire_exchange (wire, form != NULL ? "POST" : "GET", url, headers, body,
                        form != NULL ? "application/x-www-form-urlencoded" : NULL, PROBE_MS),
      error);
}

static DexFuture *
cloud_fiber (gpointer data)
{
  Probe *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *url =
      g_strconcat (self->cloud->arm, "/subscriptions?api-version=2022-12-01", NULL);
  g_autoptr (LwAnswer) answer = exchange (self, url, NULL, &error);

  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  /* Nobody is signed in, so this is how Resource Manager says that it is there. */
  if (answer->status == 401 && lw_answer_get_header (answer, "www-authenticate") != NULL)
    return dex_future_new_take_string (g_strdup (_ ("The cloud answers.")));
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                _ ("%s answers, but not as Azure Resource Manager does (%u). Check "
                                   "the address and the network's proxy."),
                                self->cloud->arm, answer->status);
}

DexFuture *
lw_probe_cloud (LwCloud *cloud, const char *ca_file)
{
  g_return_val_if_fail (cloud != NULL, NULL);
  return dex_scheduler_spawn (NULL, 0, cloud_fiber, probe_new (cloud, NULL, NULL, ca_file),
                              probe_free);
}

/* What the sign-in service refuses, in a sentence. */
static GError *
refusal_of (LwAnswer *answer)
{
  g_autoptr (JsonNode) node = lw_json_parse (answer->body, 1024 * 1024, NULL);
  JsonObject *object = lw_json_node_object (node);

  if (lw_json_get_string (object, "error") == NULL)
    return g_error_new (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                        _ ("The sign-in service gave an answer that cannot be understood (%u). "
                           "Check the cloud and the network's proxy."),
                        answer->status);
  return lw_entra_refusal (lw_json_get_string (object, "error"),
                           lw_json_get_string (object, "error_description"),
                           lw_json_get_string (object, "correlation_id"), NULL);
}

/* The tenant of an issuer, "{login}/{guid}/v2.0". (transfer full) (nullable) */
static char *
tenant_of_issuer (const char *issuer)
{
  g_auto (GStrv) parts = g_strsplit (issuer != NULL ? issuer : "", "/", 0);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_uuid_string_is_valid (parts[i]))
      return g_strdup (parts[i]);
  return NULL;
}

/* Entra's clouds answer for each other's tenants, and say whose they are. */
static gboolean
is_elsewhere (Probe *self, JsonObject *configuration, GError **error)
{
  const char *instance = lw_json_get_string (configuration, "cloud_instance_name");
  const char *other = NULL;

  if (instance == NULL)
    return FALSE;
  if (g_str_equal (self->cloud->name, "AzureCloud") && g_str_has_suffix (instance, ".us"))
    other = _ ("Azure US Government");
  else if (g_str_equal (self->cloud->name, "AzureUSGovernment") &&
           g_str_equal (instance, "microsoftonline.com"))
    other = _ ("Azure");
  if (other == NULL)
    return FALSE;
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
               _ ("This tenant is in another cloud. Choose “%s” above."), other);
  return TRUE;
}

static DexFuture *
tenant_fiber (gpointer data)
{
  Probe *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strdup_printf ("%s/%s/v2.0/.well-known/openid-configuration",
                                          self->cloud->login, self->tenant);
  g_autoptr (LwAnswer) answer = exchange (self, url, NULL, &error);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *id = NULL;
  JsonObject *object;

  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (answer->status != 200)
    return dex_future_new_for_error (refusal_of (answer));
  node = lw_json_parse (answer->body, 1024 * 1024, NULL);
  object = lw_json_node_object (node);
  id = tenant_of_issuer (lw_json_get_string (object, "issuer"));
  if (id == NULL)
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                  _ ("%s does not answer as Microsoft Entra does. Check the cloud "
                                     "and the network's proxy."),
                                  self->cloud->login);
  if (is_elsewhere (self, object, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (g_ascii_strcasecmp (id, self->tenant) == 0)
    return dex_future_new_take_string (g_strdup (_ ("The tenant is there.")));
  return dex_future_new_take_string (g_strdup_printf (_ ("The tenant is there: %s."), id));
}

DexFuture *
lw_probe_tenant (LwCloud *cloud, const char *tenant, const char *ca_file)
{
  g_return_val_if_fail (cloud != NULL && tenant != NULL, NULL);
  return dex_scheduler_spawn (NULL, 0, tenant_fiber, probe_new (cloud, tenant, NULL, ca_file),
                              probe_free);
}

static gboolean
is_person (LwSignIn how)
{
  return how == LW_SIGN_IN_BROWSER || how == LW_SIGN_IN_DEVICE_CODE;
}

/* Whether a refusal is about the application itself, not about the proof that was left out. */
static gboolean
is_unknown (const GError *refusal)
{
  static const char *const unknown[] = { "AADSTS700016", "AADSTS90002", "AADSTS900023",
                                         "AADSTS700038", "AADSTS7000112" };
  const LwAzureErrorDetails *details = lw_azure_error_get_details (refusal);

  if (details == NULL || details->message == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    if (strstr (details->message, unknown[i]) != NULL)
      return TRUE;
  return FALSE;
}

static DexFuture *
client_fiber (gpointer data)
{
  Probe *self = data;
  gboolean person = is_person (self->how);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  g_autofree char *arm = lw_cloud_scope (self->cloud, LW_AUDIENCE_ARM);
  g_autofree char *url = g_strdup_printf ("%s/%s/oauth2/v2.0/%s", self->cloud->login, self->tenant,
                                          person ? "devicecode" : "token");
  /* clang-format off */
  const char *const form[] = {
    "client_id", self->client_id,
    "scope", person ? "openid" : arm,
    person ? "" : "grant_type", "client_credentials",
    NULL,
  };
  /* clang-format on */
  g_autoptr (LwAnswer) answer = exchange (self, url, form, &error);

  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (answer->status == 200)
    return dex_future_new_take_string (g_strdup (_ ("The tenant knows the application.")));
  refusal = refusal_of (answer);
  if (!g_error_matches (refusal, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) || is_unknown (refusal))
    return dex_future_new_for_error (g_steal_pointer (&refusal));
  /* Without a browser or a proof it says no, but to an application that it knows. */
  if (!person || self->how == LW_SIGN_IN_BROWSER)
    return dex_future_new_take_string (g_strdup (_ ("The tenant knows the application.")));
  return dex_future_new_for_error (g_steal_pointer (&refusal));
}

DexFuture *
lw_probe_client (LwCloud *cloud,
                 const char *tenant,
                 const char *client_id,
                 LwSignIn how,
                 const char *ca_file)
{
  Probe *probe;

  g_return_val_if_fail (cloud != NULL && tenant != NULL && client_id != NULL, NULL);
  probe = probe_new (cloud, tenant, client_id, ca_file);
  probe->how = how;
  return dex_scheduler_spawn (NULL, 0, client_fiber, probe, probe_free);
}

static DexFuture *
folder_thread (gpointer data)
{
  const char *path = data;
  g_autofree char *parent = g_path_get_dirname (path);

  if (!g_path_is_absolute (path))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
                                  _ ("Give the folder with its full path."));
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (g_file_test (parent, G_FILE_TEST_IS_DIR) && g_access (parent, W_OK | X_OK) == 0)
        return dex_future_new_take_string (
            g_strdup (_ ("The folder is not there yet. It is made when you connect.")));
      return dex_future_new_reject (
          LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
          _ ("The folder is not there and cannot be made. If it is on a share, connect it; else "
             "choose another."));
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
                                  _ ("This is a file. Choose a folder."));
  if (g_access (path, R_OK | X_OK) != 0)
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                  _ ("Your account may not read this folder. Ask whoever looks "
                                     "after it."));
  if (g_access (path, W_OK) != 0)
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                  _ ("Your account may read this folder, but not add to it. Ask "
                                     "whoever looks after it."));
  return dex_future_new_take_string (g_strdup (_ ("The folder can be read and written to.")));
}

DexFuture *
lw_probe_folder (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  if (g_str_has_prefix (path, "file://"))
    path += strlen ("file://");
  return lw_thread_spawn (folder_thread, g_strdup (path), g_free);
}

static DexFuture *
directory_fiber (gpointer data)
{
  LwSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) people =
      dex_await_boxed (lw_client_search_people (lw_session_get_client (session), "a"), &error);

  if (people != NULL)
    return dex_future_new_take_string (g_strdup (_ ("People can be found.")));
  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN))
    return dex_future_new_reject (
        LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN,
        _ ("The directory refuses to search for people. Add Microsoft Graph User.ReadBasic.All to "
           "the app registration, and grant it."));
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_probe_directory (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  return dex_scheduler_spawn (NULL, 0, directory_fiber, g_object_ref (session), g_object_unref);
}

/* A ledger's refusal with the role that would mend it. (transfer full) */
static GError *
name_role (LwSession *session, const GError *error, const char *role)
{
  const char *ledger = lw_profile_get_ledger (lw_session_get_profile (session));

  if (!g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED) ||
      !g_str_has_prefix (ledger, "http"))
    return g_error_copy (error);
  /* Translators: a sentence without its full stop, then the name of a role in Azure */
  return g_error_new (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED, _ ("%s: %s, say."), error->message,
                      role);
}

static LwStore *
store_of (LwSession *session, GError **error)
{
  return lw_store_new_for_url (lw_session_get_client (session),
                               lw_profile_get_ledger (lw_session_get_profile (session)), error);
}

static DexFuture *
read_fiber (gpointer data)
{
  static const LwShelf shelves[] = { LW_SHELF_REQUESTS, LW_SHELF_SEALS, LW_SHELF_RULES,
                                     LW_SHELF_EVIDENCE, LW_SHELF_LOG };
  LwSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwStore) store = store_of (session, &error);

  for (guint i = 0; store != NULL && error == NULL && i < G_N_ELEMENTS (shelves); i++)
    {
      /* No object has such a name, so the listing is short however much is there. */
      g_auto (GStrv) names = dex_await_boxed (lw_store_list (store, shelves[i], "zz"), &error);
    }
  if (error != NULL)
    return dex_future_new_for_error (name_role (session, error, "Storage Blob Data Reader"));
  return dex_future_new_take_string (g_strdup (_ ("The ledger can be read.")));
}

DexFuture *
lw_probe_ledger_read (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  return dex_scheduler_spawn (NULL, 0, read_fiber, g_object_ref (session), g_object_unref);
}

static DexFuture *
write_fiber (gpointer data)
{
  LwSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwStore) store = store_of (session, &error);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  if (store != NULL)
    dex_await (lw_store_put_new (store, LW_SHELF_EVIDENCE, EMPTY, nothing), &error);
  if (error == NULL || g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
    return dex_future_new_take_string (g_strdup (_ ("Requests can be added to the ledger.")));
  return dex_future_new_for_error (name_role (session, error, "Storage Blob Data Contributor"));
}

DexFuture *
lw_probe_ledger_write (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  return dex_scheduler_spawn (NULL, 0, write_fiber, g_object_ref (session), g_object_unref);
}
