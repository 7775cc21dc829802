/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-connections.h"

#include <glib/gi18n-lib.h>

#include "lw-settings.h"
#include "lw-when.h"

struct _LwConnections
{
  GObject parent_instance;

  GPtrArray *items;
  LwPresets *presets;
  GStrv problems;
  LwSerial *files;
};

static guint failed_signal;

static GType
get_item_type (GListModel *model)
{
  return LW_TYPE_CONNECTION;
}

static guint
get_n_items (GListModel *model)
{
  return LW_CONNECTIONS (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  LwConnection *item = lw_connections_get_nth (LW_CONNECTIONS (model), position);

  return item != NULL ? g_object_ref (item) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LwConnections,
                               lw_connections,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

LwConnection *
lw_connections_get_nth (LwConnections *self, guint position)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  return position < self->items->len ? g_ptr_array_index (self->items, position) : NULL;
}

guint
lw_connections_find (LwConnections *self, LwConnection *connection)
{
  guint position;

  g_return_val_if_fail (LW_IS_CONNECTIONS (self), G_MAXUINT);
  return g_ptr_array_find (self->items, connection, &position) ? position : G_MAXUINT;
}

LwPresets *
lw_connections_get_presets (LwConnections *self)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  return self->presets;
}

const char *const *
lw_connections_get_problems (LwConnections *self)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  return (const char *const *) self->problems;
}

void
lw_connections_add (LwConnections *self, LwConnection *connection)
{
  g_return_if_fail (LW_IS_CONNECTIONS (self));
  g_return_if_fail (LW_IS_CONNECTION (connection));
  g_ptr_array_add (self->items, g_object_ref (connection));
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len - 1, 0, 1);
}

static gboolean
is_same (LwProfile *a, const char *a_account, LwProfile *b, const char *b_account)
{
  return g_str_equal (lw_profile_get_key (a), lw_profile_get_key (b)) &&
         lw_profile_get_sign_in (a) == lw_profile_get_sign_in (b) &&
         g_strcmp0 (a_account, b_account) == 0;
}

LwConnection *
lw_connections_find_twin (LwConnections *self, LwConnection *connection)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  g_return_val_if_fail (LW_IS_CONNECTION (connection), NULL);
  for (guint i = 0; i < self->items->len; i++)
    {
      LwConnection *other = g_ptr_array_index (self->items, i);

      if (other != connection &&
          is_same (lw_connection_get_profile (other), lw_connection_get_account_id (other),
                   lw_connection_get_profile (connection),
                   lw_connection_get_account_id (connection)))
        return other;
    }
  return NULL;
}

static gboolean
is_same_word (const char *a, const char *b)
{
  return g_ascii_strcasecmp (a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static gboolean
is_same_cloud (const LwCloud *a, const LwCloud *b)
{
  return g_str_equal (a->name, b->name) &&
         (!g_str_equal (a->name, "custom") || is_same_word (a->arm, b->arm));
}

static gboolean
is_application (LwProfile *profile)
{
  return lw_profile_get_sign_in (profile) == LW_SIGN_IN_SECRET ||
         lw_profile_get_sign_in (profile) == LW_SIGN_IN_CERTIFICATE;
}

/* As the keyring tells sign-ins apart; where it would tell more of them apart, this one errs on the side
 * of keeping what may be needed. */
static gboolean
is_same_sign_in (LwConnection *first, LwConnection *second)
{
  LwProfile *a = lw_connection_get_profile (first);
  LwProfile *b = lw_connection_get_profile (second);

  if (lw_connection_get_demo (second) != NULL || lw_connection_get_access_token (second) != NULL ||
      lw_profile_get_sign_in (b) == LW_SIGN_IN_TOKEN ||
      !is_same_cloud (lw_profile_get_cloud (a), lw_profile_get_cloud (b)) ||
      !is_same_word (lw_profile_get_tenant (a), lw_profile_get_tenant (b)) ||
      !is_same_word (lw_profile_get_client_id (a), lw_profile_get_client_id (b)))
    return FALSE;
  /* An application's is a secret or a passphrase, whoever the connection is said to be of. */
  if (is_application (a) || is_application (b))
    return lw_profile_get_sign_in (a) == lw_profile_get_sign_in (b);
  return is_same_word (lw_connection_get_account_id (first), lw_connection_get_account_id (second));
}

gboolean
lw_connections_shares_sign_in (LwConnections *self, LwConnection *connection)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), FALSE);
  g_return_val_if_fail (LW_IS_CONNECTION (connection), FALSE);
  for (guint i = 0; i < self->items->len; i++)
    {
      LwConnection *other = g_ptr_array_index (self->items, i);

      if (other != connection && is_same_sign_in (connection, other))
        return TRUE;
    }
  return FALSE;
}

static void
written (gpointer owner, const GValue *value, const GError *error, gpointer heading)
{
  if (error != NULL)
    g_signal_emit (owner, failed_signal, 0, heading, error);
}

/* Gives it a file of its own. */
static gboolean
write_new (LwConnections *self, LwConnection *connection, LwProfile *profile, GError **error)
{
  g_autoptr (GPtrArray) taken = g_ptr_array_new ();
  g_autofree char *path = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      const char *other = lw_connection_get_path (g_ptr_array_index (self->items, i));

      if (other != NULL)
        g_ptr_array_add (taken, (gpointer) other);
    }
  path = lw_profiles_new_path (profile, taken, error);
  if (path == NULL)
    return FALSE;
  lw_connection_set_path (connection, path);
  lw_when (lw_profiles_write (self->files, profile, path), self, written,
           (gpointer) _ ("The Connection Could Not Be Saved"), NULL);
  return TRUE;
}

LwConnection *
lw_connections_create (LwConnections *self, LwProfile *profile, GError **error)
{
  g_autoptr (LwConnection) connection = NULL;
  LwConnection *twin;

  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  g_return_val_if_fail (profile != NULL, NULL);
  connection = lw_connection_new (profile, NULL, NULL);
  twin = lw_connections_find_twin (self, connection);
  if (twin != NULL)
    {
      lw_connections_update (self, twin, profile);
      return g_object_ref (twin);
    }
  if (!write_new (self, connection, profile, error))
    return NULL;
  lw_connections_add (self, connection);
  return g_steal_pointer (&connection);
}

gboolean
lw_connections_keep (LwConnections *self,
                     LwConnection *connection,
                     LwProfile *profile,
                     GError **error)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), FALSE);
  if (lw_connection_get_path (connection) != NULL)
    {
      lw_connections_update (self, connection, profile);
      return TRUE;
    }
  lw_connection_set_profile (connection, profile);
  return write_new (self, connection, profile, error);
}

void
lw_connections_update (LwConnections *self, LwConnection *connection, LwProfile *profile)
{
  const char *path;

  g_return_if_fail (LW_IS_CONNECTIONS (self));
  path = lw_connection_get_path (connection);
  lw_connection_set_profile (connection, profile);
  /* A file that somebody else keeps elsewhere is not Leeway's to change. */
  if (path != NULL && lw_profiles_is_own (path))
    lw_when (lw_profiles_write (self->files, profile, path), self, written,
             (gpointer) _ ("The Connection Could Not Be Saved"), NULL);
}

void
lw_connections_remove (LwConnections *self, LwConnection *connection)
{
  const char *path;
  guint position;

  g_return_if_fail (LW_IS_CONNECTIONS (self));
  position = lw_connections_find (self, connection);
  g_return_if_fail (position != G_MAXUINT);
  path = lw_connection_get_path (connection);
  if (path != NULL && lw_profiles_is_own (path))
    lw_when (lw_profiles_remove (self->files, path), self, written,
             (gpointer) _ ("The Connection's File Could Not Be Removed"), NULL);
  g_ptr_array_remove_index (self->items, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static DexFuture *
nothing (gpointer data)
{
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_connections_flush (LwConnections *self)
{
  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  return lw_serial_push (self->files, nothing, NULL, NULL);
}

static LwConnection *
find_path (LwConnections *self, const char *path)
{
  g_autofree char *full = g_canonicalize_filename (path, NULL);

  for (guint i = 0; i < self->items->len; i++)
    {
      LwConnection *item = g_ptr_array_index (self->items, i);

      if (g_strcmp0 (lw_connection_get_path (item), full) == 0)
        return item;
    }
  return NULL;
}

LwConnection *
lw_connections_open_file (LwConnections *self,
                          const char *path,
                          const char *access_token,
                          GError **error)
{
  g_autofree char *full = NULL;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwConnection) connection = NULL;
  LwConnection *known;

  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  known = access_token == NULL ? find_path (self, path) : NULL;
  if (known != NULL)
    return g_object_ref (known);
  full = g_canonicalize_filename (path, NULL);
  profile = lw_profile_load (full, error);
  if (profile == NULL)
    return NULL;
  /* A given token is used this once: what it says is not written into the person's file. */
  connection = lw_connection_new (profile, access_token == NULL ? full : NULL, access_token);
  lw_connections_add (self, connection);
  return g_steal_pointer (&connection);
}

LwConnection *
lw_connections_find_last (LwConnections *self)
{
  g_autofree char *last = lw_profiles_get_last ();
  LwConnection *found;

  g_return_val_if_fail (LW_IS_CONNECTIONS (self), NULL);
  found = last != NULL ? find_path (self, last) : NULL;
  if (found == NULL && last != NULL)
    {
      g_autoptr (LwConnection) opened = lw_connections_open_file (self, last, NULL, NULL);

      found = opened; /* the list keeps it */
    }
  for (guint i = 0; found == NULL && i < self->items->len; i++)
    if (lw_connection_get_path (g_ptr_array_index (self->items, i)) != NULL)
      found = g_ptr_array_index (self->items, i);
  return found;
}

void
lw_connections_remember (LwConnections *self, LwConnection *connection)
{
  g_return_if_fail (LW_IS_CONNECTIONS (self));
  g_return_if_fail (LW_IS_CONNECTION (connection));
  if (lw_connection_get_path (connection) != NULL)
    lw_profiles_set_last (lw_connection_get_path (connection));
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  LwConnection *first = *(LwConnection *const *) a;
  LwConnection *second = *(LwConnection *const *) b;
  gint order = g_utf8_collate (lw_connection_get_name (first), lw_connection_get_name (second));

  return order != 0 ? order
                    : strcmp (lw_connection_get_path (first), lw_connection_get_path (second));
}

static void
load (LwConnections *self)
{
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();
  g_auto (GStrv) paths = lw_profiles_list ();

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwProfile) profile = lw_profile_load (paths[i], &error);

      g_autoptr (LwProfile) followed = profile != NULL && self->presets != NULL
                                           ? lw_presets_follow (self->presets, profile)
                                           : NULL;

      if (profile != NULL)
        g_ptr_array_add (self->items,
                         lw_connection_new (followed != NULL ? followed : profile, paths[i], NULL));
      else
        g_strv_builder_take (problems, g_strdup_printf ("%s: %s", paths[i], error->message));
    }
  g_ptr_array_sort (self->items, compare_names);
  self->problems = g_strv_builder_end (problems);
}

static void
lw_connections_finalize (GObject *object)
{
  LwConnections *self = LW_CONNECTIONS (object);

  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->problems, g_strfreev);
  g_clear_pointer (&self->presets, lw_presets_free);
  g_clear_pointer (&self->files, lw_serial_free);
  G_OBJECT_CLASS (lw_connections_parent_class)->finalize (object);
}

static void
lw_connections_class_init (LwConnectionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_connections_finalize;
  failed_signal = g_signal_new ("failed", LW_TYPE_CONNECTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
}

static void
lw_connections_init (LwConnections *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->files = lw_serial_new ();
}

LwConnections *
lw_connections_new (LwPresets *presets)
{
  LwConnections *self = g_object_new (LW_TYPE_CONNECTIONS, NULL);

  self->presets = presets;
  load (self);
  return self;
}
