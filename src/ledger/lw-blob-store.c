/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-fault-point.h"
#include "lw-ledger.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LW_TYPE_BLOB_STORE (lw_blob_store_get_type ())
G_DECLARE_FINAL_TYPE (LwBlobStore, lw_blob_store, LW, BLOB_STORE, LwStore)

struct _LwBlobStore
{
  LwStore parent_instance;
  LwClient *client;
  char *containers[LW_SHELF_COUNT]; /* URLs */
};

G_DEFINE_FINAL_TYPE (LwBlobStore, lw_blob_store, LW_TYPE_STORE)

typedef struct
{
  LwBlobStore *self;
  LwShelf shelf;
  char *name;
  gboolean adds;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->self);
  g_free (call->name);
  g_free (call);
}

static Call *
call_new (LwBlobStore *self, LwShelf shelf, const char *name)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->shelf = shelf;
  call->name = g_strdup (name);

  return call;
}

static const char *
container_name (Call *call)
{
  return strrchr (call->self->containers[call->shelf], '/') + 1;
}

/* Who is meant to add to a shelf, for somebody who may not. */
static const char *
who_adds (LwShelf shelf)
{
  switch (shelf)
    {
    case LW_SHELF_SEALS:
      return _ ("Approvers have the role “Leeway Ledger Adder” there");
    case LW_SHELF_RULES:
      return _ ("Administrators of the rules have the role “Leeway Ledger Adder” there");
    case LW_SHELF_REQUESTS:
    case LW_SHELF_EVIDENCE:
    case LW_SHELF_LOG:
    default:
      return _ ("Everybody who asks for exemptions needs the role “Leeway Ledger Adder” there");
    }
}

/* The roles are those of data/roles. */
static DexFuture *
reject_refused (Call *call, const GError *cause)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (cause);
  const char *code = details && details->code ? details->code : "Forbidden";

  if (call->adds)
    return dex_future_new_reject (
        LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
        /* Translators: a container, Azure’s code, a sentence about roles */
        _ ("Your account may not add to the ledger’s container %s (%s). "
           "%s; ask whoever set up the ledger for it"),
        container_name (call), code, who_adds (call->shelf));

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                _ ("Your account may not read the ledger’s container %s (%s). It "
                                   "needs the role “Leeway Ledger "
                                   "Reader” there; ask whoever set up the ledger for it"),
                                container_name (call), code);
}

static DexFuture *
reject_not_found (Call *call, const GError *cause)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (cause);

  if (details && g_strcmp0 (details->code, "ContainerNotFound") == 0)
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
                                  _ ("The ledger’s container %s is not in the storage account. "
                                     "Whoever set up the ledger has to "
                                     "create it"),
                                  container_name (call));

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                _ ("%s is not in the ledger"), call->name);
}

/* The words of the ledger for what the transport said. Sign-in errors stay what they are: the window
 * and the terminal know what to do about them. */
static DexFuture *
translate_error (DexFuture *future, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;

  if (dex_future_get_value (future, &error) || error->domain != LW_AZURE_ERROR)
    return dex_ref (future);

  switch ((LwAzureError) error->code)
    {
    case LW_AZURE_ERROR_SIGN_IN:
    case LW_AZURE_ERROR_KEYRING_LOCKED:
    case LW_AZURE_ERROR_KEYRING_MISSING:
    case LW_AZURE_ERROR_KEYRING_REFUSED:
    case LW_AZURE_ERROR_CANCELLED:
    case LW_AZURE_ERROR_PROFILE:
      return dex_ref (future);

    case LW_AZURE_ERROR_FORBIDDEN:
      return reject_refused (call, error);

    case LW_AZURE_ERROR_NOT_FOUND:
      return reject_not_found (call, error);

    case LW_AZURE_ERROR_CONFLICT:
    case LW_AZURE_ERROR_INVALID:
    case LW_AZURE_ERROR_TOO_LARGE:
      return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                    _ ("The storage account refuses: %s"), error->message);

    case LW_AZURE_ERROR_THROTTLED:
    case LW_AZURE_ERROR_SERVER:
    case LW_AZURE_ERROR_NETWORK:
    case LW_AZURE_ERROR_TLS:
    case LW_AZURE_ERROR_PROTOCOL:
    case LW_AZURE_ERROR_HOST:
    case LW_AZURE_ERROR_TIMED_OUT:
    default:
      return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
                                    _ ("The ledger cannot be reached: %s"), error->message);
    }
}

static DexFuture *
refuse_taken (DexFuture *future, gpointer user_data)
{
  Call *call = user_data;
  const GValue *value = dex_future_get_value (future, NULL);

  if (g_value_get_boolean (value))
    {
      LW_FAULT_POINT (BLOB_PUT);
      return dex_ref (future);
    }

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
                                _ ("%s is in the ledger already"), call->name);
}

static DexFuture *
lw_blob_store_put_new (LwStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  LwBlobStore *self = LW_BLOB_STORE (store);
  Call *call = call_new (self, shelf, name);
  DexFuture *future;

  call->adds = TRUE;
  LW_FAULT_POINT (BLOB_PUTTING);
  future = lw_client_blob_put_new (self->client, self->containers[shelf], name, bytes);
  future = dex_future_catch (future, translate_error, call, call_free);

  return dex_future_then (future, refuse_taken, call_new (self, shelf, name), call_free);
}

static DexFuture *
lw_blob_store_get (LwStore *store, LwShelf shelf, const char *name)
{
  LwBlobStore *self = LW_BLOB_STORE (store);

  return dex_future_catch (lw_client_blob_get (self->client, self->containers[shelf], name),
                           translate_error, call_new (self, shelf, name), call_free);
}

static DexFuture *
take_blobs (DexFuture *future, gpointer user_data)
{
  GPtrArray *blobs = g_value_get_boxed (dex_future_get_value (future, NULL));
  g_autoptr (LwListing) listing = lw_listing_new ();

  for (guint i = 0; i < blobs->len; i++)
    {
      const LwBlob *blob = g_ptr_array_index (blobs, i);

      lw_listing_add (listing, blob->name, *blob->tag ? blob->tag : NULL);
    }
  lw_listing_sort (listing);

  return dex_future_new_take_boxed (LW_TYPE_LISTING, g_steal_pointer (&listing));
}

static DexFuture *
lw_blob_store_survey (LwStore *store, LwShelf shelf, const char *prefix)
{
  LwBlobStore *self = LW_BLOB_STORE (store);
  DexFuture *future = lw_client_blob_survey (self->client, self->containers[shelf], prefix);

  future = dex_future_catch (future, translate_error, call_new (self, shelf, prefix), call_free);

  return dex_future_then (future, take_blobs, NULL, NULL);
}

static void
lw_blob_store_finalize (GObject *object)
{
  LwBlobStore *self = LW_BLOB_STORE (object);

  g_clear_object (&self->client);
  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    g_free (self->containers[i]);

  G_OBJECT_CLASS (lw_blob_store_parent_class)->finalize (object);
}

static void
lw_blob_store_class_init (LwBlobStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LwStoreClass *store_class = LW_STORE_CLASS (klass);

  object_class->finalize = lw_blob_store_finalize;

  store_class->put_new = lw_blob_store_put_new;
  store_class->get = lw_blob_store_get;
  store_class->survey = lw_blob_store_survey;
}

static void
lw_blob_store_init (LwBlobStore *self)
{
}

/* A container's name has 3 to 63 lower-case letters, digits and single hyphens; the longest shelf takes
 * nine of them. */
static gboolean
is_container_stem (const char *name)
{
  gsize length = strlen (name);

  if (length < 1 || length > 54 || !g_ascii_isalnum (name[0]) ||
      !g_ascii_isalnum (name[length - 1]))
    return FALSE;

  for (const char *c = name; *c; c++)
    {
      if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-')
        return FALSE;
      if (c[0] == '-' && c[1] == '-')
        return FALSE;
    }

  return TRUE;
}

LwStore *
lw_blob_store_new (LwClient *client, const char *url, GError **error)
{
  g_autoptr (LwBlobStore) self = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autofree char *base = NULL;
  const char *slash;

  g_return_val_if_fail (LW_IS_CLIENT (client), NULL);
  g_return_val_if_fail (url != NULL, NULL);

  base = g_strdup (url);
  while (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';

  uri = g_uri_parse (base, G_URI_FLAGS_NONE, NULL);
  slash = strrchr (base, '/');
  if (!uri || !g_uri_get_host (uri) || !*g_uri_get_host (uri) || g_uri_get_query (uri) ||
      g_uri_get_fragment (uri) || g_uri_get_userinfo (uri) || strlen (g_uri_get_path (uri)) < 2 ||
      !slash || !is_container_stem (slash + 1))
    {
      g_autofree char *shown = g_utf8_make_valid (url, -1);

      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
                   _ ("“%s” is no address of a ledger. It should be like "
                      "https://account.blob.core.windows.net/leeway, with a name of small letters, "
                      "digits and hyphens"),
                   shown);
      return NULL;
    }

  self = g_object_new (LW_TYPE_BLOB_STORE, NULL);
  self->client = g_object_ref (client);
  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    self->containers[i] = g_strconcat (base, "-", lw_shelf_to_string (i), NULL);

  return LW_STORE (g_steal_pointer (&self));
}

LwStore *
lw_store_new_for_url (LwClient *client, const char *url, GError **error)
{
  g_return_val_if_fail (LW_IS_CLIENT (client), NULL);

  if (!url || !*url)
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
                   _ ("The connection names no ledger"));
      return NULL;
    }

  if (g_ascii_strncasecmp (url, "https://", 8) == 0 || g_ascii_strncasecmp (url, "http://", 7) == 0)
    return lw_blob_store_new (client, url, error);

  if (g_ascii_strncasecmp (url, "file:", 5) == 0)
    {
      g_autofree char *path = g_filename_from_uri (url, NULL, NULL);

      if (path)
        return lw_folder_store_new (path, error);
    }

  return lw_folder_store_new (url, error);
}
