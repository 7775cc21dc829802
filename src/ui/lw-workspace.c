/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-workspace.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-widgets.h"

struct _LwWorkspace
{
  GObject parent_instance;

  LwSession *session;
  char *account;
  LwDrafts *drafts;
  GListStore *cases;
  GListStore *draft_items;
  LwPortfolio *portfolio;
  gboolean closed;
  DexFuture *refreshing;
  DexFuture *portfolio_refreshing;
  GError *error;
  gboolean portfolio_failed; /* what error tells of */
  GDateTime *loaded_at;
  guint review_count;
  guint apply_count;
  guint mine_count;
  guint loading;
};

typedef enum
{
  PROP_LOADING = 1,
  PROP_ERROR,
  PROP_LOADED_AT,
  PROP_REVIEW_COUNT,
  PROP_APPLY_COUNT,
  PROP_MINE_COUNT,
} LwWorkspaceProperty;

static GParamSpec *properties[PROP_MINE_COUNT + 1];
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

static void
set_count (LwWorkspace *self, guint *member, guint value, LwWorkspaceProperty property)
{
  if (*member == value)
    return;
  *member = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
count_cases (LwWorkspace *self)
{
  guint review = 0, apply = 0, mine = 0;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->cases));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (G_LIST_MODEL (self->cases), i);

      review += lw_case_waits_for_review (self->session, lw_case_item_get_case (item));
      apply += lw_case_waits_for_apply (lw_case_item_get_case (item));
      mine += lw_workspace_group_case (self, lw_case_item_get_case (item)) == LW_GROUP_NEEDS_YOU;
    }
  set_count (self, &self->review_count, review, PROP_REVIEW_COUNT);
  set_count (self, &self->apply_count, apply, PROP_APPLY_COUNT);
  set_count (self, &self->mine_count, mine, PROP_MINE_COUNT);
}

/* Replaces only what differs between the ends, so that a selection elsewhere survives. */
static void
splice_changes (GListStore *store, GPtrArray *items)
{
  guint old_n = g_list_model_get_n_items (G_LIST_MODEL (store));
  guint start = 0, end = 0;

  while (start < old_n && start < items->len)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (store), start);

      if (item != g_ptr_array_index (items, start))
        break;
      start++;
    }
  while (end < old_n - start && end < items->len - start)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (store), old_n - 1 - end);

      if (item != g_ptr_array_index (items, items->len - 1 - end))
        break;
      end++;
    }
  if (start + end < old_n || start + end < items->len)
    g_list_store_splice (store, start, old_n - start - end, items->pdata + start,
                         items->len - start - end);
}

static gint
compare_newest (gconstpointer a, gconstpointer b)
{
  LwCase *first = lw_case_item_get_case (*(LwCaseItem *const *) a);
  LwCase *second = lw_case_item_get_case (*(LwCaseItem *const *) b);

  if (first->changed == NULL || second->changed == NULL)
    return (first->changed == NULL) - (second->changed == NULL);
  return g_date_time_compare (second->changed, first->changed);
}

/* (element-type utf8 LwCaseItem) (transfer full) */
static GHashTable *
items_by_request (LwWorkspace *self)
{
  GHashTable *items = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->cases));

  for (guint i = 0; i < n; i++)
    {
      LwCaseItem *item = g_list_model_get_item (G_LIST_MODEL (self->cases), i);

      g_hash_table_replace (items, lw_case_item_get_case (item)->request_id, item);
    }
  return items;
}

/* The item that already shows this state of the case, else a new one. (transfer full) */
static LwCaseItem *
item_for_case (GHashTable *items, LwCase *value)
{
  LwCaseItem *item = g_hash_table_lookup (items, value->request_id);
  LwCase *old = item != NULL ? lw_case_item_get_case (item) : NULL;

  if (old != NULL &&
      (old == value ||
       (old->last_seq == value->last_seq && g_strcmp0 (old->last_sha256, value->last_sha256) == 0 &&
        old->phase == value->phase && old->approvals_counting == value->approvals_counting &&
        old->flags->len == value->flags->len)))
    return g_object_ref (item);
  return lw_case_item_new (value);
}

static void
set_cases (LwWorkspace *self, GPtrArray *cases)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) shown = items_by_request (self);

  for (guint i = 0; i < cases->len; i++)
    g_ptr_array_add (items, item_for_case (shown, g_ptr_array_index (cases, i)));
  g_ptr_array_sort (items, compare_newest);
  splice_changes (self->cases, items);
  count_cases (self);
}

void
lw_workspace_take_case (LwWorkspace *self, LwCase *value)
{
  g_autoptr (GPtrArray) cases = NULL;
  guint n;

  g_return_if_fail (LW_IS_WORKSPACE (self));
  g_return_if_fail (value != NULL);
  cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_ptr_array_add (cases, lw_case_ref (value));
  n = g_list_model_get_n_items (G_LIST_MODEL (self->cases));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (G_LIST_MODEL (self->cases), i);

      if (g_strcmp0 (lw_case_item_get_case (item)->request_id, value->request_id) != 0)
        g_ptr_array_add (cases, lw_case_ref (lw_case_item_get_case (item)));
    }
  set_cases (self, cases);
}

static void
set_drafts (LwWorkspace *self, GPtrArray *drafts)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < drafts->len; i++)
    {
      g_ptr_array_add (items, lw_draft_item_new (g_ptr_array_index (drafts, i)));
    }
  splice_changes (self->draft_items, items);
}

static GPtrArray *
await_array (DexFuture *future, GError **error)
{
  return dex_await_boxed (future, error);
}

static DexFuture *
drafts_fiber (gpointer data)
{
  LwWorkspace *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) drafts = await_array (lw_drafts_list (self->drafts), &error);

  if (drafts == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  set_drafts (self, drafts);
  return dex_future_new_for_boolean (TRUE);
}

void
lw_workspace_drafts_changed (LwWorkspace *self)
{
  g_return_if_fail (LW_IS_WORKSPACE (self));
  lw_workspace_spawn (self, drafts_fiber, g_object_ref (self), g_object_unref);
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
take_sync (LwWorkspace *self)
{
  LwLedger *ledger = lw_session_get_ledger (self->session);
  const GError *error = lw_ledger_get_sync_error (ledger);
  GDateTime *synced_at = lw_ledger_get_synced_at (ledger);

  g_clear_pointer (&self->loaded_at, g_date_time_unref);
  self->loaded_at = synced_at ? g_date_time_ref (synced_at) : g_date_time_new_now_utc ();
  take_error (self, error ? g_error_copy (error) : NULL);
}

static DexFuture *
refresh_fiber (gpointer data)
{
  LwWorkspace *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = NULL;
  g_autoptr (DexFuture) drafts = NULL;

  set_loading (self, 1);
  drafts = dex_scheduler_spawn (NULL, 0, drafts_fiber, g_object_ref (self), g_object_unref);
  cases = await_array (lw_list_cases (self->session), &error);
  set_loading (self, -1);
  dex_clear (&self->refreshing);
  if (cases == NULL)
    {
      if (!lw_error_is_cancelled (error))
        take_error (self, g_error_copy (error));
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  set_cases (self, cases);
  take_sync (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED_AT]);
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
}

char *
lw_workspace_scope_title (LwWorkspace *self, const char *scope)
{
  LwHierarchy *hierarchy;
  const char *name = NULL;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  hierarchy = lw_session_get_hierarchy (self->session);
  if (hierarchy != NULL && scope != NULL)
    name = lw_hierarchy_display_name (hierarchy, scope);
  if (name == NULL || *name == '\0')
    return lw_scope_title (scope);
  switch (lw_scope_kind (scope))
    {
    case LW_SCOPE_MANAGEMENT_GROUP:
      return g_strdup_printf (_ ("Management group %s"), name);
    case LW_SCOPE_SUBSCRIPTION:
      return g_strdup_printf (_ ("Subscription %s"), name);
    case LW_SCOPE_RESOURCE_GROUP:
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return lw_scope_title (scope);
    }
}

char *
lw_workspace_scope_path (LwWorkspace *self, const char *scope)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  g_autofree char *group = lw_arm_id_resource_group (scope);
  g_autofree char *up = NULL;
  LwHierarchy *hierarchy = lw_session_get_hierarchy (self->session);
  GString *path = g_string_new (NULL);

  if (subscription != NULL && lw_scope_kind (scope) < LW_SCOPE_SUBSCRIPTION)
    {
      const char *name =
          hierarchy != NULL ? lw_hierarchy_display_name (hierarchy, subscription) : NULL;

      up = name != NULL ? g_strdup (name) : lw_arm_id_subscription (scope);
      g_string_append (path, up);
      if (group != NULL && lw_scope_kind (scope) < LW_SCOPE_RESOURCE_GROUP)
        g_string_append_printf (path, " / %s", group);
    }
  else if (hierarchy != NULL)
    {
      const char *at = lw_hierarchy_parent (hierarchy, scope);

      for (guint depth = 0; at != NULL && depth < 16; depth++)
        {
          const char *name = lw_hierarchy_display_name (hierarchy, at);
          g_autofree char *id_name = lw_arm_id_name (at);

          if (path->len > 0)
            g_string_prepend (path, " / ");
          g_string_prepend (path, name != NULL ? name : id_name);
          at = lw_hierarchy_parent (hierarchy, at);
        }
    }
  return g_string_free (path, FALSE);
}

LwRequestGroup
lw_workspace_group_case (LwWorkspace *self, LwCase *item)
{
  g_autoptr (GDateTime) now = NULL;
  g_autoptr (GDateTime) expires = NULL;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), LW_GROUP_NONE);
  if (!lw_case_is_mine (self->session, item))
    return LW_GROUP_NONE;
  switch (item->phase)
    {
    case LW_PHASE_CHANGES_REQUESTED:
      return LW_GROUP_NEEDS_YOU;
    case LW_PHASE_REJECTED:
    case LW_PHASE_WITHDRAWN:
    case LW_PHASE_RETIRED:
      return LW_GROUP_CLOSED;
    case LW_PHASE_APPLIED:
      now = lw_session_now (self->session);
      if (item->content != NULL && item->content->expires != NULL)
        expires = lw_instant_parse (item->content->expires, NULL);
      if (expires != NULL && g_date_time_compare (expires, now) <= 0)
        return LW_GROUP_CLOSED;
      return LW_GROUP_IN_FORCE;
    case LW_PHASE_RETIRING:
      return LW_GROUP_IN_FORCE;
    case LW_PHASE_NEW:
    case LW_PHASE_PENDING:
    case LW_PHASE_APPROVED:
    case LW_PHASE_APPLYING:
    case LW_PHASE_PARTLY_APPLIED:
    case LW_PHASE_APPLY_FAILED:
    default:
      return LW_GROUP_WAITING;
    }
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

GListModel *
lw_workspace_get_cases (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return G_LIST_MODEL (self->cases);
}

GListModel *
lw_workspace_get_draft_items (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return G_LIST_MODEL (self->draft_items);
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
      g_value_set_uint (value, self->review_count);
      break;
    case PROP_APPLY_COUNT:
      g_value_set_uint (value, self->apply_count);
      break;
    case PROP_MINE_COUNT:
      g_value_set_uint (value, self->mine_count);
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
  G_OBJECT_CLASS (lw_workspace_parent_class)->dispose (object);
}

static void
lw_workspace_finalize (GObject *object)
{
  LwWorkspace *self = LW_WORKSPACE (object);

  g_clear_object (&self->cases);
  g_clear_object (&self->draft_items);
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
  properties[PROP_APPLY_COUNT] =
      g_param_spec_uint ("apply-count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_MINE_COUNT] =
      g_param_spec_uint ("mine-count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  portfolio_changed_signal = g_signal_new ("portfolio-changed", LW_TYPE_WORKSPACE,
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_workspace_init (LwWorkspace *self)
{
  self->cases = g_list_store_new (LW_TYPE_CASE_ITEM);
  self->draft_items = g_list_store_new (LW_TYPE_DRAFT_ITEM);
}

LwWorkspace *
lw_workspace_new (LwSession *session)
{
  LwWorkspace *self;
  const LwPerson *person;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  self = g_object_new (LW_TYPE_WORKSPACE, NULL);
  person = lw_session_get_person (session);
  self->session = g_object_ref (session);
  self->account = g_strdup (person != NULL && person->id != NULL ? person->id : "");
  self->drafts = lw_drafts_new (lw_session_get_profile (session), self->account);
  return self;
}
