/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-proxy.h"

#include <string.h>

#include "lw-mask.h"

#define MAX_HOSTS 256

typedef struct
{
  char *user;
  char *password;
} Credentials;

static void
credentials_free (gpointer data)
{
  Credentials *self = data;

  g_free (self->user);
  lw_wipe (self->password);
  g_free (self);
}

struct _LwProxy
{
  GObject parent_instance;

  GProxyResolver *system;
  GMutex mutex;
  GHashTable *credentials; /* "host:port" → Credentials */
  GHashTable *on_the_way;  /* host → "host:port" of its proxy */
};

static void lw_proxy_resolver_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LwProxy,
                               lw_proxy,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      lw_proxy_resolver_init))

/* Without user and password, which are kept. (transfer full) */
static char *
keep_credentials (LwProxy *self, const char *address)
{
  g_autoptr (GUri) uri =
      g_uri_parse (address, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_NON_DNS, NULL);
  Credentials *credentials;

  if (uri == NULL || g_uri_get_user (uri) == NULL || g_uri_get_host (uri) == NULL ||
      !g_str_has_prefix (g_uri_get_scheme (uri), "http"))
    return g_strdup (address);
  credentials = g_new0 (Credentials, 1);
  credentials->user = g_strdup (g_uri_get_user (uri));
  credentials->password =
      g_strdup (g_uri_get_password (uri) != NULL ? g_uri_get_password (uri) : "");
  g_mutex_lock (&self->mutex);
  g_hash_table_replace (self->credentials,
                        g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri)),
                        credentials);
  g_mutex_unlock (&self->mutex);
  return g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO);
}

static void
keep_way (LwProxy *self, const char *asked, const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (asked, G_URI_FLAGS_NON_DNS, NULL);
  g_autoptr (GUri) proxy = g_uri_parse (address, G_URI_FLAGS_NON_DNS, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return;
  g_mutex_lock (&self->mutex);
  if (g_hash_table_size (self->on_the_way) >= MAX_HOSTS)
    g_hash_table_remove_all (self->on_the_way);
  if (proxy == NULL || g_uri_get_host (proxy) == NULL || g_uri_get_host (proxy)[0] == '\0')
    g_hash_table_remove (self->on_the_way, g_uri_get_host (uri));
  else
    g_hash_table_replace (
        self->on_the_way, g_strdup (g_uri_get_host (uri)),
        g_strdup_printf ("%s:%d", g_uri_get_host (proxy), g_uri_get_port (proxy)));
  g_mutex_unlock (&self->mutex);
}

static char **
keep_all (LwProxy *self, const char *asked, char **addresses)
{
  for (guint i = 0; addresses != NULL && addresses[i] != NULL; i++)
    {
      char *plain = keep_credentials (self, addresses[i]);

      lw_wipe (addresses[i]);
      addresses[i] = plain;
      if (i == 0)
        keep_way (self, asked, plain);
    }
  return addresses;
}

static gboolean
lw_proxy_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
lw_proxy_lookup (GProxyResolver *resolver,
                 const char *uri,
                 GCancellable *cancellable,
                 GError **error)
{
  LwProxy *self = LW_PROXY (resolver);

  return keep_all (self, uri, g_proxy_resolver_lookup (self->system, uri, cancellable, error));
}

static void
looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  char **addresses = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (addresses == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (
        task, keep_all (g_task_get_source_object (task), g_task_get_task_data (task), addresses),
        (GDestroyNotify) g_strfreev);
}

static void
lw_proxy_lookup_async (GProxyResolver *resolver,
                       const char *uri,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  LwProxy *self = LW_PROXY (resolver);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, lw_proxy_lookup_async);
  g_task_set_task_data (task, g_strdup (uri), g_free);
  g_proxy_resolver_lookup_async (self->system, uri, cancellable, looked_up, task);
}

static char **
lw_proxy_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
lw_proxy_resolver_init (GProxyResolverInterface *iface)
{
  iface->is_supported = lw_proxy_is_supported;
  iface->lookup = lw_proxy_lookup;
  iface->lookup_async = lw_proxy_lookup_async;
  iface->lookup_finish = lw_proxy_lookup_finish;
}

static void
lw_proxy_finalize (GObject *object)
{
  LwProxy *self = LW_PROXY (object);

  g_clear_pointer (&self->credentials, g_hash_table_unref);
  g_clear_pointer (&self->on_the_way, g_hash_table_unref);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (lw_proxy_parent_class)->finalize (object);
}

static void
lw_proxy_class_init (LwProxyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_proxy_finalize;
}

static void
lw_proxy_init (LwProxy *self)
{
  g_mutex_init (&self->mutex);
  self->system = g_proxy_resolver_get_default ();
  self->credentials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, credentials_free);
  self->on_the_way = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LwProxy *
lw_proxy_new (void)
{
  return g_object_new (LW_TYPE_PROXY, NULL);
}

gboolean
lw_proxy_authenticate (LwProxy *self, SoupAuth *auth, gboolean retrying)
{
  const Credentials *credentials;
  gboolean known;

  if (retrying || !soup_auth_is_for_proxy (auth))
    return FALSE;
  g_mutex_lock (&self->mutex);
  credentials = g_hash_table_lookup (self->credentials, soup_auth_get_authority (auth));
  known = credentials != NULL;
  if (known)
    soup_auth_authenticate (auth, credentials->user, credentials->password);
  g_mutex_unlock (&self->mutex);
  return known;
}

char *
lw_proxy_on_the_way (LwProxy *self, const char *host)
{
  char *proxy;

  g_mutex_lock (&self->mutex);
  proxy = g_strdup (g_hash_table_lookup (self->on_the_way, host));
  g_mutex_unlock (&self->mutex);
  return proxy;
}
