/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-keyring-file.h"
#include "lw-keyring-private.h"
#include "lw-keyring.h"
#include "lw-wire.h"

#define DEADLINE_MS  25000
#define MAX_ATTEMPTS 10

#define TOKEN_ATTRIBUTES                                                                           \
  { { "cloud", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                   \
    { "login", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                   \
    { "tenant", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                  \
    { "client", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                  \
    { "account", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                 \
    { "upn", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                     \
    { NULL, 0 } }

/* Other names: a search that leaves the schema's name out must not meet the items of the other kind. */
#define APP_ATTRIBUTES                                                                             \
  { { "app-cloud", SECRET_SCHEMA_ATTRIBUTE_STRING },                                               \
    { "app-login", SECRET_SCHEMA_ATTRIBUTE_STRING },                                               \
    { "app-tenant", SECRET_SCHEMA_ATTRIBUTE_STRING },                                              \
    { "app-client", SECRET_SCHEMA_ATTRIBUTE_STRING },                                              \
    { "app-kind", SECRET_SCHEMA_ATTRIBUTE_STRING },                                                \
    { NULL, 0 } }

/* The second of each is to find with: a locked GNOME keyring does not match items by the name of their
 * schema. */
static const SecretSchema token_schema = { "org.leeway.RefreshToken", SECRET_SCHEMA_NONE,
                                           TOKEN_ATTRIBUTES };
static const SecretSchema any_token_schema = { "org.leeway.RefreshToken",
                                               SECRET_SCHEMA_DONT_MATCH_NAME, TOKEN_ATTRIBUTES };
static const SecretSchema app_schema = { "org.leeway.ClientSecret", SECRET_SCHEMA_NONE,
                                         APP_ATTRIBUTES };
static const SecretSchema any_app_schema = { "org.leeway.ClientSecret",
                                             SECRET_SCHEMA_DONT_MATCH_NAME, APP_ATTRIBUTES };

static guint deadline_ms;

/* Somebody who tests, or whose keyring asks a token first, may set another one. */
static guint
get_deadline (void)
{
  const char *set = g_getenv ("LEEWAY_KEYRING_SECONDS");
  guint64 seconds = set != NULL ? g_ascii_strtoull (set, NULL, 10) : 0;

  if (deadline_ms != 0)
    return deadline_ms;
  return seconds > 0 && seconds < 3600 ? (guint) seconds * 1000 : DEADLINE_MS;
}

void
lw_keyring_set_deadline (guint milliseconds)
{
  deadline_ms = milliseconds;
}

static void
add_attribute (GHashTable *attributes, gboolean app, const char *name, char *value)
{
  g_hash_table_insert (attributes, app ? g_strconcat ("app-", name, NULL) : g_strdup (name), value);
}

static GHashTable *
attributes_for (LwProfile *profile, gboolean app, const char *account)
{
  LwCloud *cloud = lw_profile_get_cloud (profile);
  const char *client = lw_profile_get_client_id (profile);
  gboolean custom = g_str_equal (cloud->name, "custom");
  gboolean certificate = lw_profile_get_sign_in (profile) == LW_SIGN_IN_CERTIFICATE;
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  add_attribute (attributes, app, "cloud", g_strdup (custom ? cloud->arm : cloud->name));
  /* Anybody can run another sign-in service for the same Resource Manager: it must not get this one's
   * tokens. Nothing is found where it is not known yet. */
  if (custom)
    add_attribute (attributes, app, "login", g_ascii_strdown (cloud->login, -1));
  add_attribute (attributes, app, "tenant", g_ascii_strdown (lw_profile_get_tenant (profile), -1));
  add_attribute (attributes, app, "client", g_ascii_strdown (client != NULL ? client : "", -1));
  if (app)
    add_attribute (attributes, app, "kind", g_strdup (certificate ? "passphrase" : "secret"));
  else if (account != NULL)
    add_attribute (attributes, app, "account", g_ascii_strdown (account, -1));
  return attributes;
}

/* Why it did not work; @error is taken where the work was given up. A person who closes the portal's
 * question cancels, too, in libsecret's words. */
static GError *
problem_of (GError **error)
{
  GCancellable *cancellable = lw_task_get_cancellable ();

  return cancellable != NULL && g_cancellable_is_cancelled (cancellable)
             ? g_steal_pointer (error)
             : lw_keyring_error (*error);
}

/* Waits for the keyring no longer than it may take. */
static DexFuture *
within_deadline (DexPromise *promise)
{
  return lw_gate (
      dex_future_first (DEX_FUTURE (promise), dex_timeout_new_msec ((int) get_deadline ()), NULL));
}

typedef enum
{
  ASKED_SECRET,
  ASKED_WHO,      /* whose it is */
  ASKED_EVERYBODY /* whose there are */
} Asked;

/* One piece of work with the keyring. */
typedef struct
{
  GHashTable *attributes;
  gboolean app;
  Asked asked;
  char *secret; /* to keep */
} Work;

static Work *
work_new (LwProfile *profile, gboolean app, const char *account, const char *secret)
{
  Work *self = g_new0 (Work, 1);

  self->attributes = attributes_for (profile, app, account);
  self->app = app;
  self->secret = g_strdup (secret);
  return self;
}

static void
work_free (gpointer data)
{
  Work *self = data;

  g_hash_table_unref (self->attributes);
  if (self->secret != NULL)
    explicit_bzero (self->secret, strlen (self->secret));
  g_free (self->secret);
  g_free (self);
}

/* Whether to try again, since somebody who takes no turns was faster. */
static gboolean
was_overtaken (LwKeyringVisit *visit, const GError *error, guint attempt)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG) || attempt == MAX_ATTEMPTS)
    return FALSE;
  lw_keyring_visit_again (visit);
  return lw_sleep ((guint) g_random_int_range (5, 20 * (gint32) attempt + 10));
}

/* Lookup: a plain lookup answers NULL both where there is nothing and where all is locked, so the items
 * themselves are asked. */

static void
items_free (gpointer data)
{
  g_list_free_full (data, g_object_unref);
}

static void
searched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;
  GList *items = secret_password_search_finish (result, &error);
  GPtrArray *found;

  if (error != NULL)
    {
      dex_promise_reject (promise, g_steal_pointer (&error));
      return;
    }
  found = g_ptr_array_new_with_free_func (g_object_unref);
  for (GList *l = items; l != NULL; l = l->next)
    g_ptr_array_add (found, g_object_ref (l->data));
  items_free (items);
  dex_promise_resolve_boxed (promise, G_TYPE_PTR_ARRAY, found);
}

static void
retrieved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;
  SecretValue *value =
      secret_retrievable_retrieve_secret_finish (SECRET_RETRIEVABLE (source), result, &error);

  if (value != NULL)
    dex_promise_resolve_boxed (promise, SECRET_TYPE_VALUE, value);
  else if (error != NULL)
    dex_promise_reject (promise, g_steal_pointer (&error));
  else
    dex_promise_reject (promise,
                        g_error_new_literal (SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "locked"));
}

static SecretRetrievable *
newest_item (GPtrArray *items)
{
  SecretRetrievable *newest = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      SecretRetrievable *item = g_ptr_array_index (items, i);

      if (newest == NULL ||
          secret_retrievable_get_modified (item) > secret_retrievable_get_modified (newest))
        newest = item;
    }
  return newest;
}

/* (transfer full) (nullable) */
static char *
attribute_of (SecretRetrievable *item, const char *name)
{
  g_autoptr (GHashTable) attributes = secret_retrievable_get_attributes (item);

  return attributes != NULL ? g_strdup (g_hash_table_lookup (attributes, name)) : NULL;
}

/* Whether the items are of more than one account. */
static gboolean
is_ambiguous (GPtrArray *items)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *account = attribute_of (g_ptr_array_index (items, i), "account");

      if (i == 0)
        first = g_steal_pointer (&account);
      else if (g_strcmp0 (account, first) != 0)
        return TRUE;
    }
  return FALSE;
}

static gint
compare_people (gconstpointer a, gconstpointer b)
{
  const LwPerson *first = a, *second = b;
  gint order = g_strcmp0 (first->upn, second->upn);

  return order != 0 ? order : strcmp (first->id, second->id);
}

/* (transfer none) (nullable) */
static LwPerson *
find_person (GPtrArray *people, const char *account)
{
  for (guint i = 0; i < people->len; i++)
    {
      LwPerson *person = g_ptr_array_index (people, i);

      if (g_str_equal (person->id, account))
        return person;
    }
  return NULL;
}

/* Each account once, by user name. (transfer full) (element-type LwPerson) */
static GPtrArray *
people_of (GPtrArray *items)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_person_free);

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *account = attribute_of (g_ptr_array_index (items, i), "account");
      g_autofree char *upn = attribute_of (g_ptr_array_index (items, i), "upn");
      LwPerson *known = account != NULL ? find_person (people, account) : NULL;

      if (known != NULL && known->upn == NULL)
        known->upn = g_steal_pointer (&upn);
      else if (known == NULL && account != NULL)
        g_ptr_array_add (people, lw_person_new (account, NULL, upn));
    }
  g_ptr_array_sort_values (people, compare_people);
  return people;
}

static gboolean
is_locked_item (SecretRetrievable *item)
{
  return SECRET_IS_ITEM (item) && secret_item_get_locked (SECRET_ITEM (item));
}

/* (transfer full) (nullable) */
static GPtrArray *
search_once (const Work *work, GError **error)
{
  DexPromise *promise = dex_promise_new ();

  /* Neither cancelled nor loading secrets: libsecret 0.21 reports no error where a question is given up
   * or nothing could be unlocked, which is a critical, and never an answer. */
  secret_password_searchv (work->app ? &any_app_schema : &any_token_schema, work->attributes,
                           SECRET_SEARCH_ALL | SECRET_SEARCH_UNLOCK, NULL, searched,
                           dex_ref (promise));
  return dex_await_boxed (within_deadline (promise), error);
}

/* An item that is removed while it is being looked at fails the whole search. */
static GPtrArray *
search (const Work *work, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GPtrArray) items = search_once (work, &local);

      if (items != NULL)
        return g_steal_pointer (&items);
      if (attempt == MAX_ATTEMPTS || !lw_keyring_is_gone (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

static DexFuture *
lookup_fiber (gpointer data)
{
  G_GNUC_UNUSED g_auto (LwKeyringVisit) visit = lw_keyring_visit ();
  Work *work = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (SecretValue) value = NULL;
  DexPromise *promise;
  SecretRetrievable *item;
  const char *text;

  items = search (work, &error);
  if (items == NULL)
    return dex_future_new_for_error (problem_of (&error));
  item = newest_item (items);
  if (item == NULL)
    return dex_future_new_for_error (lw_keyring_nobody_error ());
  if (is_locked_item (item))
    return dex_future_new_for_error (lw_keyring_locked_error ());
  if (work->asked == ASKED_EVERYBODY)
    return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, people_of (items));
  if (!work->app && is_ambiguous (items))
    return dex_future_new_for_error (lw_keyring_ambiguous_error ());
  if (work->asked == ASKED_WHO)
    {
      g_autofree char *account = attribute_of (item, "account");

      return account != NULL ? dex_future_new_for_string (account)
                             : dex_future_new_for_error (lw_keyring_nobody_error ());
    }
  promise = dex_promise_new_cancellable ();
  secret_retrievable_retrieve_secret (item, dex_promise_get_cancellable (promise), retrieved,
                                      dex_ref (promise));
  value = dex_await_boxed (within_deadline (promise), &error);
  if (value == NULL)
    return dex_future_new_for_error (problem_of (&error));
  text = secret_value_get_text (value);
  if (text == NULL || text[0] == '\0')
    return dex_future_new_reject (
        LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
        _ ("What the keyring holds for this connection is no sign-in. Sign "
           "in again."));
  return dex_future_new_for_string (text);
}

DexFuture *
lw_keyring_lookup (LwProfile *profile, const char *account)
{
  return lw_spawn (lookup_fiber, work_new (profile, FALSE, account, NULL), work_free);
}

DexFuture *
lw_keyring_lookup_account (LwProfile *profile)
{
  Work *work = work_new (profile, FALSE, lw_profile_get_account_id (profile), NULL);

  work->asked = ASKED_WHO;
  return lw_spawn (lookup_fiber, work, work_free);
}

DexFuture *
lw_keyring_list_people (LwProfile *profile)
{
  Work *work = work_new (profile, FALSE, NULL, NULL);

  work->asked = ASKED_EVERYBODY;
  return lw_spawn (lookup_fiber, work, work_free);
}

DexFuture *
lw_keyring_lookup_secret (LwProfile *profile)
{
  return lw_spawn (lookup_fiber, work_new (profile, TRUE, NULL, NULL), work_free);
}

static void
stored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;

  if (secret_password_store_finish (result, &error))
    dex_promise_resolve_boolean (promise, TRUE);
  else if (error != NULL)
    dex_promise_reject (promise, g_steal_pointer (&error));
  else
    dex_promise_reject (promise,
                        g_error_new_literal (SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "locked"));
}

static DexFuture *
store_now (const Work *work)
{
  DexPromise *promise = dex_promise_new_cancellable ();

  secret_password_storev (
      work->app ? &app_schema : &token_schema, work->attributes, SECRET_COLLECTION_DEFAULT,
      work->app ? _ ("Leeway application secret") : _ ("Leeway sign-in"), work->secret,
      dex_promise_get_cancellable (promise), stored, dex_ref (promise));
  return within_deadline (promise);
}

static DexFuture *
store_fiber (gpointer data)
{
  g_auto (LwKeyringVisit) visit = lw_keyring_visit ();

  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) error = NULL;

      if (dex_await (store_now (data), &error))
        return dex_future_new_for_boolean (TRUE);
      if (!was_overtaken (&visit, error, attempt))
        return dex_future_new_for_error (problem_of (&error));
    }
}

DexFuture *
lw_keyring_store (LwProfile *profile, const char *account, const char *upn, const char *token)
{
  Work *work = work_new (profile, FALSE, account, token);

  if (upn != NULL)
    add_attribute (work->attributes, FALSE, "upn", g_strdup (upn));
  return lw_spawn (store_fiber, work, work_free);
}

DexFuture *
lw_keyring_store_secret (LwProfile *profile, const char *secret)
{
  return lw_spawn (store_fiber, work_new (profile, TRUE, NULL, secret), work_free);
}

static void
cleared (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;

  secret_password_clear_finish (result, &error);
  if (error == NULL)
    dex_promise_resolve_boolean (promise, TRUE);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
}

static DexFuture *
clear_now (const Work *work)
{
  DexPromise *promise = dex_promise_new_cancellable ();

  secret_password_clearv (work->app ? &any_app_schema : &any_token_schema, work->attributes,
                          dex_promise_get_cancellable (promise), cleared, dex_ref (promise));
  return within_deadline (promise);
}

static DexFuture *
clear_fiber (gpointer data)
{
  g_auto (LwKeyringVisit) visit = lw_keyring_visit ();

  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) error = NULL;

      if (dex_await (clear_now (data), &error))
        return dex_future_new_for_boolean (TRUE);
      if (!was_overtaken (&visit, error, attempt))
        return dex_future_new_for_error (problem_of (&error));
    }
}

DexFuture *
lw_keyring_clear (LwProfile *profile, const char *account)
{
  Work *work;

  /* Whose sign-in it would be is not known, and it may be another connection's. */
  if (account == NULL)
    return dex_future_new_for_boolean (TRUE);
  work = work_new (profile, FALSE, account, NULL);
  if (lw_profile_needs_endpoints (profile))
    g_hash_table_remove (work->attributes, "login");
  return lw_spawn (clear_fiber, work, work_free);
}

DexFuture *
lw_keyring_clear_secret (LwProfile *profile)
{
  return lw_spawn (clear_fiber, work_new (profile, TRUE, NULL, NULL), work_free);
}
