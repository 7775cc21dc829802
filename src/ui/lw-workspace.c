/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-workspace-private.h"

#include "lw-await.h"

typedef enum
{
  PROP_LOADING = 1,
  PROP_ERROR,
  PROP_LOADED_AT,
  PROP_REVIEW_COUNT,
  PROP_MINE_COUNT,
  PROP_PROGRESS,
} LwWorkspaceProperty;

static GParamSpec *properties[PROP_PROGRESS + 1];
static guint portfolio_changed_signal;

G_DEFINE_FINAL_TYPE (LwWorkspace, lw_workspace, G_TYPE_OBJECT)

static void
set_loading (LwWorkspace *self, int step)
{
  gboolean before = self->loading > 0;

  self->loading += step;
  if (before != (self->loading > 0))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
take_error (LwWorkspace *self, GError *error)
{
  if (self->error == NULL && error == NULL)
    return;
  g_clear_error (&self->error);
  self->error = error;
  self->portfolio_failed = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

/* What the last sync of the ledger left behind is true still. */
static void
portfolio_succeeded (LwWorkspace *self)
{
  const GError *error;

  if (!self->portfolio_failed)
    return;
  error = lw_ledger_get_sync_error (lw_session_get_ledger (self->session));
  take_error (self, error != NULL ? g_error_copy (error) : NULL);
}

static DexFuture *
portfolio_fiber (gpointer data)
{
  LwWorkspace *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwPortfolio) portfolio = NULL;

  set_loading (self, 1);
  portfolio = dex_await_object (lw_load_portfolio (self->session), &error);
  set_loading (self, -1);
  dex_clear (&self->portfolio_refreshing);
  if (portfolio == NULL)
    {
      if (!lw_error_is_cancelled (error))
        {
          take_error (self, g_error_copy (error));
          self->portfolio_failed = TRUE;
        }
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  portfolio_succeeded (self);
  g_set_object (&self->portfolio, portfolio);
  g_signal_emit (self, portfolio_changed_signal, 0);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_workspace_refresh_portfolio (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  if (self->portfolio_refreshing == NULL)
    self->portfolio_refreshing =
        dex_scheduler_spawn (NULL, 0, portfolio_fiber, g_object_ref (self), g_object_unref);
  return dex_ref (self->portfolio_refreshing);
}

/* What is shown may come from the local copy alone: then it is as old as the last sync. */
static void
take_sync (LwWorkspace *self, const GError *failure)
{
  LwLedger *ledger = lw_session_get_ledger (self->session);
  const GError *error = failure != NULL ? failure : lw_ledger_get_sync_error (ledger);
  GDateTime *synced_at = lw_ledger_get_synced_at (ledger);

  if (synced_at != NULL &&
      (self->loaded_at == NULL || !g_date_time_equal (self->loaded_at, synced_at)))
    {
      g_clear_pointer (&self->loaded_at, g_date_time_unref);
      self->loaded_at = g_date_time_ref (synced_at);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED_AT]);
    }
  if (error == NULL || !lw_error_is_cancelled (error))
    take_error (self, error != NULL ? g_error_copy (error) : NULL);
}

/* Reads what is new in the ledger. Awaits. */
static gboolean
sync_ledger (LwWorkspace *self, GError **error)
{
  g_autoptr (GError) cause = NULL;
  guint rules_seq = lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session));
  guint news =
      dex_await_uint (lw_ledger_sync (lw_session_get_ledger (self->session), LW_SYNC_NEW), &cause);
  gboolean rules_changed =
      rules_seq != lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session));

  if (self->closed)
    return TRUE;
  take_sync (self, cause);
  lw_workspace_set_progress (self, 0, 0);
  if (rules_changed)
    lw_workspace_forget_cases (self);
  if (news > 0 || rules_changed || !self->read)
    lw_workspace_queue_changed (self);
  lw_watcher_synced (self->watcher, news > 0 || rules_changed, cause != NULL);
  if (cause == NULL || self->loaded_at != NULL)
    {
      self->read = TRUE;
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

static DexFuture *
refresh_fiber (gpointer data)
{
  LwWorkspace *self = data;
  g_autoptr (GError) error = NULL;

  set_loading (self, 1);
  lw_workspace_drafts_changed (self);
  sync_ledger (self, &error);
  set_loading (self, -1);
  dex_clear (&self->refreshing);
  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  dex_future_disown (lw_workspace_refresh_portfolio (self));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_workspace_refresh (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  if (self->refreshing == NULL)
    self->refreshing =
        dex_scheduler_spawn (NULL, 0, refresh_fiber, g_object_ref (self), g_object_unref);
  return dex_ref (self->refreshing);
}

/* --- Following what others do --- */

static DexFuture *
poll_fiber (gpointer data)
{
  LwWorkspace *self = data;

  sync_ledger (self, NULL);
  self->polling = FALSE;
  return dex_future_new_for_boolean (TRUE);
}

/* One who reads the ledger anyway needs no other. */
static void
poll (LwWorkspace *self)
{
  if (self->closed || self->polling || self->refreshing != NULL ||
      !lw_session_is_open (self->session))
    return;
  self->polling = TRUE;
  lw_workspace_spawn (self, poll_fiber, g_object_ref (self), g_object_unref);
}

void
lw_workspace_set_attention (LwWorkspace *self, LwAttention attention)
{
  g_return_if_fail (LW_IS_WORKSPACE (self));
  lw_watcher_set_attention (self->watcher, attention);
}

gboolean
lw_workspace_is_closed (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), TRUE);
  return self->closed;
}

void
lw_workspace_spawn (LwWorkspace *self, DexFiberFunc func, gpointer data, GDestroyNotify destroy)
{
  g_return_if_fail (LW_IS_WORKSPACE (self));
  dex_future_disown (dex_scheduler_spawn (NULL, 0, func, data, destroy));
}

void
lw_workspace_close (LwWorkspace *self)
{
  g_return_if_fail (LW_IS_WORKSPACE (self));
  self->closed = TRUE;
  if (self->watcher != NULL)
    lw_watcher_set_attention (self->watcher, LW_ATTENTION_NONE);
}

LwSession *
lw_workspace_get_session (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return self->session;
}

const char *
lw_workspace_get_account (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return self->account;
}

LwDrafts *
lw_workspace_get_drafts (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return self->drafts;
}

LwPortfolio *
lw_workspace_get_portfolio (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return self->portfolio;
}

static void
lw_workspace_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwWorkspace *self = LW_WORKSPACE (object);

  switch ((LwWorkspaceProperty) id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading > 0);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_LOADED_AT:
      g_value_set_boxed (value, self->loaded_at);
      break;
    case PROP_REVIEW_COUNT:
      g_value_set_uint (value, lw_review_queue_count (self->queue));
      break;
    case PROP_MINE_COUNT:
      g_value_set_uint (
          value, g_list_model_get_n_items (lw_workspace_get_group (self, LW_GROUP_NEEDS_YOU)));
      break;
    case PROP_PROGRESS:
      g_value_set_double (value,
                          self->total > 0 ? MIN (1.0, (double) self->done / self->total) : 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_workspace_dispose (GObject *object)
{
  LwWorkspace *self = LW_WORKSPACE (object);

  lw_workspace_close (self);
  dex_clear (&self->refreshing);
  dex_clear (&self->portfolio_refreshing);
  g_clear_object (&self->portfolio);
  g_clear_object (&self->watcher);
  lw_workspace_cases_dispose (self);
  G_OBJECT_CLASS (lw_workspace_parent_class)->dispose (object);
}

static void
lw_workspace_finalize (GObject *object)
{
  LwWorkspace *self = LW_WORKSPACE (object);

  lw_workspace_cases_finalize (self);
  g_clear_object (&self->drafts);
  g_clear_object (&self->session);
  g_clear_error (&self->error);
  g_clear_pointer (&self->loaded_at, g_date_time_unref);
  g_free (self->account);
  G_OBJECT_CLASS (lw_workspace_parent_class)->finalize (object);
}

static void
lw_workspace_class_init (LwWorkspaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lw_workspace_get_property;
  object_class->dispose = lw_workspace_dispose;
  object_class->finalize = lw_workspace_finalize;
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  properties[PROP_LOADED_AT] =
      g_param_spec_boxed ("loaded-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_REVIEW_COUNT] =
      g_param_spec_uint ("review-count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_MINE_COUNT] =
      g_param_spec_uint ("mine-count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  portfolio_changed_signal = g_signal_new ("portfolio-changed", LW_TYPE_WORKSPACE,
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  lw_workspace_cases_class_init (klass);
}

static void
lw_workspace_init (LwWorkspace *self)
{
}

LwWorkspace *
lw_workspace_new (LwSession *session)
{
  LwWorkspace *self;
  LwSender *sender;
  const LwPerson *person;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  self = g_object_new (LW_TYPE_WORKSPACE, NULL);
  person = lw_session_get_person (session);
  self->session = g_object_ref (session);
  self->account = g_strdup (person != NULL && person->id != NULL ? person->id : "");
  self->drafts = lw_drafts_new (lw_session_get_profile (session), self->account);
  self->watcher = lw_watcher_new (lw_profile_get_ledger (lw_session_get_profile (session)));
  g_signal_connect_object (self->watcher, "due", G_CALLBACK (poll), self, G_CONNECT_SWAPPED);
  lw_workspace_cases_init (self);
  if ((sender = lw_session_get_sender (session)) != NULL)
    {
      g_signal_connect_object (sender, "sent", G_CALLBACK (lw_workspace_take_case), self,
                               G_CONNECT_SWAPPED);
      lw_sender_start (sender);
    }
  return self;
}
