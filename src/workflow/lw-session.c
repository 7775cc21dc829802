/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-session.h"
#include "lw-sender.h"

#include <glib/gi18n-lib.h>

struct _LwSession
{
  GObject parent_instance;
  LwProfile *profile;
  LwIdentity *identity;
  LwClient *client;
  LwLedger *ledger;     /* nullable */
  GError *ledger_error; /* why there is none */
  LwSender *sender;     /* nullable: of the person's outbox */
  LwHierarchy *hierarchy;
  LwRules *defaults;
  LwPerson *person;
  char *tenant;
  char *organisation;
  char *account;  /* nullable: whose the sender is */
  GDateTime *now; /* nullable: a fixed clock */
  gboolean token_given;
  gboolean tolerant;
  gboolean open;
};

G_DEFINE_FINAL_TYPE (LwSession, lw_session, G_TYPE_OBJECT)

/* The token says who it is; Graph is asked only for what it leaves out. Awaits. */
static gboolean
read_person (LwSession *self, GError **error)
{
  const LwPerson *known = lw_identity_get_person (self->identity);
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (LwPerson) person = known ? lw_person_copy (known) : NULL;

  /* An application is not in /me. */
  if (!person || !person->id ||
      (!lw_identity_is_application (self->identity) && (!person->upn || !person->name)))
    {
      g_autoptr (GError) local_error = NULL;

      people = dex_await_boxed (lw_client_get_me (self->client), &local_error);
      if (people && people->len > 0)
        {
          LwPerson *me = g_ptr_array_index (people, 0);

          g_clear_pointer (&person, lw_person_free);
          person = lw_person_copy (me);
        }
      else if (!person || !person->id)
        {
          if (!local_error)
            local_error = lw_azure_error_new (LW_AZURE_ERROR_PROTOCOL, NULL,
                                              _ ("The directory did not say who is signed in"));
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }

  g_clear_pointer (&self->person, lw_person_free);
  self->person = g_steal_pointer (&person);

  return TRUE;
}

/* The management group among @ids, where there is just one. */
static const char *
only_management_group (GPtrArray *ids)
{
  const char *found = NULL;

  for (guint i = 0; i < ids->len; i++)
    if (lw_scope_kind (g_ptr_array_index (ids, i)) == LW_SCOPE_MANAGEMENT_GROUP)
      {
        if (found)
          return NULL;
        found = g_ptr_array_index (ids, i);
      }

  return found;
}

/* The root's name, or that of the one group below it where the root kept the name that Azure gives. */
static void
read_organisation (LwSession *self)
{
  g_autoptr (GPtrArray) roots = lw_hierarchy_roots (self->hierarchy);
  const char *root = only_management_group (roots);
  const char *name = root ? lw_hierarchy_display_name (self->hierarchy, root) : NULL;

  if (g_strcmp0 (name, "Tenant Root Group") == 0)
    {
      g_autoptr (GPtrArray) children = lw_hierarchy_children (self->hierarchy, root);
      const char *child = only_management_group (children);

      if (child && lw_hierarchy_display_name (self->hierarchy, child))
        name = lw_hierarchy_display_name (self->hierarchy, child);
    }

  g_set_str (&self->organisation, name && *name ? name : self->tenant);
}

/* What was written by this account and is not in the ledger yet. */
static void
find_outbox (LwSession *self)
{
  g_autofree char *folder = lw_outbox_folder ();
  g_autofree char *account = g_strconcat (self->tenant, "/", self->person->id, NULL);
  g_autoptr (LwOutbox) outbox = NULL;

  /* Who shows it goes on with the same one. */
  if (self->sender && g_strcmp0 (account, self->account) == 0)
    return;

  g_set_str (&self->account, account);
  if (self->sender)
    lw_sender_stop (self->sender);
  g_clear_object (&self->sender);
  outbox =
      lw_outbox_new (folder, lw_profile_get_ledger (self->profile), self->tenant, self->person->id);
  self->sender = lw_sender_new (self, outbox);
}

/* Awaits. */
static gboolean
read_all (LwSession *self, GError **error)
{
  const char *tenant;
  g_autoptr (DexFuture) rules = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (LwHierarchy) hierarchy = NULL;

  if (!read_person (self, error))
    return FALSE;

  tenant = lw_identity_get_tenant_id (self->identity);
  g_set_str (&self->tenant, tenant ? tenant : lw_profile_get_tenant (self->profile));

  rules = lw_ledger_load_rules (self->ledger);
  if (!(hierarchy = dex_await_boxed (lw_client_load_hierarchy (self->client), error)))
    return FALSE;
  if (!dex_await (g_steal_pointer (&rules), &cause) &&
      !(self->tolerant && g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN)))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  self->hierarchy = g_steal_pointer (&hierarchy);
  lw_ledger_set_hierarchy (self->ledger, self->hierarchy);
  read_organisation (self);
  find_outbox (self);
  self->open = TRUE;

  return TRUE;
}

static DexFuture *
open_fiber (gpointer data)
{
  LwSession *self = data;
  g_autoptr (GError) error = NULL;

  if (self->ledger_error)
    return dex_future_new_for_error (g_error_copy (self->ledger_error));

  if (!self->token_given && !lw_identity_is_signed_in (self->identity) &&
      !dex_await (lw_identity_resume (self->identity), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (!read_all (self, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_session_open (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return dex_scheduler_spawn (NULL, 0, open_fiber, g_object_ref (self), g_object_unref);
}

typedef struct
{
  LwSession *session;
  DexFuture *signed_in;
} SigningIn;

static void
signing_in_free (gpointer data)
{
  SigningIn *self = data;

  g_object_unref (self->session);
  dex_clear (&self->signed_in);
  g_free (self);
}

static DexFuture *
sign_in_fiber (gpointer data)
{
  SigningIn *self = data;
  g_autoptr (GError) error = NULL;

  if (!dex_await (g_steal_pointer (&self->signed_in), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return lw_session_open (self->session);
}

DexFuture *
lw_session_sign_in (LwSession *self,
                    const LwSignInAsk *ask,
                    const LwSignInHooks *hooks,
                    gpointer user_data,
                    GDestroyNotify destroy,
                    GCancellable *cancellable)
{
  SigningIn *signing_in;

  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  signing_in = g_new0 (SigningIn, 1);
  signing_in->session = g_object_ref (self);
  signing_in->signed_in =
      lw_identity_sign_in (self->identity, ask, hooks, user_data, destroy, cancellable);

  return dex_scheduler_spawn (NULL, 0, sign_in_fiber, signing_in, signing_in_free);
}

static DexFuture *
forget (DexFuture *future, gpointer user_data)
{
  LwSession *self = user_data;

  self->open = FALSE;
  if (self->sender)
    lw_sender_stop (self->sender);
  g_clear_object (&self->sender);
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  if (self->ledger)
    lw_ledger_set_hierarchy (self->ledger, NULL);

  return dex_ref (future);
}

DexFuture *
lw_session_sign_out (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return dex_future_finally (lw_identity_sign_out (self->identity), forget, g_object_ref (self),
                             g_object_unref);
}

void
lw_session_set_tolerant (LwSession *self, gboolean tolerant)
{
  g_return_if_fail (LW_IS_SESSION (self));

  self->tolerant = tolerant;
}

gboolean
lw_session_is_open (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), FALSE);

  return self->open;
}

LwProfile *
lw_session_get_profile (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->profile;
}

LwIdentity *
lw_session_get_identity (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->identity;
}

LwClient *
lw_session_get_client (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->client;
}

LwLedger *
lw_session_get_ledger (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->ledger;
}

LwOutbox *
lw_session_get_outbox (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->sender ? lw_sender_get_outbox (self->sender) : NULL;
}

LwSender *
lw_session_get_sender (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->sender;
}

LwHierarchy *
lw_session_get_hierarchy (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->hierarchy;
}

LwRules *
lw_session_get_rules (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  if (self->ledger)
    return lw_ledger_get_rules (self->ledger);

  if (!self->defaults)
    self->defaults = lw_rules_new_default ();

  return self->defaults;
}

const LwPerson *
lw_session_get_person (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->person;
}

const char *
lw_session_get_tenant_id (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->tenant;
}

const char *
lw_session_get_organisation (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->organisation;
}

GDateTime *
lw_session_now (LwSession *self)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  return self->now ? g_date_time_ref (self->now) : g_date_time_new_now_utc ();
}

static void
lw_session_finalize (GObject *object)
{
  LwSession *self = LW_SESSION (object);

  if (self->sender)
    lw_sender_stop (self->sender);
  g_clear_object (&self->sender);
  g_clear_object (&self->ledger);
  g_clear_object (&self->client);
  g_clear_object (&self->identity);
  g_clear_pointer (&self->profile, lw_profile_unref);
  g_clear_error (&self->ledger_error);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_clear_pointer (&self->defaults, lw_rules_unref);
  g_clear_pointer (&self->person, lw_person_free);
  g_free (self->tenant);
  g_free (self->organisation);
  g_free (self->account);
  g_clear_pointer (&self->now, g_date_time_unref);

  G_OBJECT_CLASS (lw_session_parent_class)->finalize (object);
}

static void
lw_session_class_init (LwSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_session_finalize;
}

static void
lw_session_init (LwSession *self)
{
}

LwSession *
lw_session_new (LwProfile *profile, const char *access_token, GDateTime *now)
{
  LwSession *self;
  g_autoptr (LwStore) store = NULL;

  g_return_val_if_fail (profile != NULL, NULL);

  self = g_object_new (LW_TYPE_SESSION, NULL);
  self->profile = lw_profile_ref (profile);
  self->token_given = access_token != NULL;
  self->identity =
      access_token ? lw_identity_new_for_token (profile, access_token) : lw_identity_new (profile);
  self->client = lw_client_new (profile, self->identity);
  self->tenant = g_strdup (lw_profile_get_tenant (profile));
  self->organisation = g_strdup (self->tenant);
  self->now = now ? g_date_time_to_utc (now) : NULL;

  store = lw_store_new_for_url (self->client, lw_profile_get_ledger (profile), &self->ledger_error);
  if (store)
    {
      g_autofree char *folder =
          lw_ledger_cache_folder (lw_profile_get_key (profile), lw_profile_get_ledger (profile));

      self->ledger = lw_ledger_new_cached (store, folder);
    }

  return self;
}
