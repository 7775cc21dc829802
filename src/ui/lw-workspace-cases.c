/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-workspace-private.h"

#include <glib/gi18n-lib.h>

#include "lw-ledger-error.h"

/* What the workspace knows of the requests on record, and the lists of them. */

/* How often a long reading of the ledger says how far it is, in milliseconds. */
#define PROGRESS_STEP 150
/* A reading of fewer objects is over before anybody could read how far it is. */
#define PROGRESS_LEAST 100

static guint records_changed_signal;
static guint case_changed_signal;

#define PHASE(name) (1u << LW_PHASE_##name)

static const struct
{
  guint phases;
  guint live;
  guint over;
} groups[LW_GROUP_COUNT] = {
  [LW_GROUP_NEEDS_YOU] = { .phases = PHASE (CHANGES_REQUESTED) },
  [LW_GROUP_WAITING] = { .phases = PHASE (NEW) | PHASE (PENDING) | PHASE (APPROVED) |
                                   PHASE (APPLYING) | PHASE (PARTLY_APPLIED) |
                                   PHASE (APPLY_FAILED) },
  [LW_GROUP_IN_FORCE] = { .phases = PHASE (RETIRING), .live = PHASE (APPLIED) },
  [LW_GROUP_CLOSED] = { .phases = PHASE (REJECTED) | PHASE (WITHDRAWN) | PHASE (RETIRED),
                        .over = PHASE (APPLIED) },
};

/* --- States that are known --- */

typedef struct
{
  gint64 generation; /* 0 for one that did not come from the cache */
  LwCase *value;
} Seen;

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  lw_case_unref (seen->value);
  g_free (seen);
}

LwCase *
lw_workspace_find_case (LwWorkspace *self,
                        const char *request_id,
                        gint64 generation,
                        gboolean *current)
{
  Seen *seen;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  seen = g_hash_table_lookup (self->seen, request_id);
  if (current != NULL)
    *current = seen != NULL && generation > 0 && seen->generation == generation;
  return seen != NULL ? seen->value : NULL;
}

void
lw_workspace_forget_cases (LwWorkspace *self)
{
  GHashTableIter iter;
  gpointer seen;

  g_hash_table_iter_init (&iter, self->seen);
  while (g_hash_table_iter_next (&iter, NULL, &seen))
    ((Seen *) seen)->generation = 0;
}

/* Replaces what is known, and says whether it looks different now. */
static gboolean
replace (LwWorkspace *self, LwCase *value, gint64 generation)
{
  Seen *seen = g_hash_table_lookup (self->seen, value->request_id);
  gboolean differs = seen != NULL && !lw_case_looks_same (seen->value, value);

  if (seen == NULL)
    {
      seen = g_new0 (Seen, 1);
      g_hash_table_insert (self->seen, g_strdup (value->request_id), seen);
    }
  lw_case_ref (value);
  g_clear_pointer (&seen->value, lw_case_unref);
  seen->value = value;
  seen->generation = generation;
  return differs;
}

LwCase *
lw_workspace_note_case (LwWorkspace *self, LwCase *value, gint64 generation)
{
  Seen *seen;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  g_return_val_if_fail (value != NULL, NULL);
  seen = g_hash_table_lookup (self->seen, value->request_id);
  /* A record grows only: what was read before somebody's newest entry came is old. */
  if (seen != NULL && seen->value->last_seq > value->last_seq)
    {
      seen->generation = generation;
      return seen->value;
    }
  if (replace (self, value, generation))
    g_signal_emit (self, case_changed_signal, 0, value);
  return value;
}

typedef struct
{
  LwWorkspace *self;
  LwCase *value;
} Taken;

static void
taken_free (gpointer data)
{
  Taken *taken = data;

  g_object_unref (taken->self);
  lw_case_unref (taken->value);
  g_free (taken);
}

static gboolean
tell_case (gpointer data)
{
  Taken *taken = data;

  if (!taken->self->closed)
    g_signal_emit (taken->self, case_changed_signal, 0, taken->value);
  return G_SOURCE_REMOVE;
}

/* It may be called on a fiber, whose stack is too small for what pages do about it. */
void
lw_workspace_take_case (LwWorkspace *self, LwCase *value)
{
  Taken *taken;

  g_return_if_fail (LW_IS_WORKSPACE (self));
  g_return_if_fail (value != NULL);
  /* What was written waits in the outbox: the case is as it was. */
  if (value->queued != 0)
    return;
  replace (self, value, 0);
  taken = g_new0 (Taken, 1);
  taken->self = g_object_ref (self);
  taken->value = lw_case_ref (value);
  g_idle_add_full (G_PRIORITY_DEFAULT, tell_case, taken, taken_free);
  lw_workspace_queue_changed (self);
}

typedef struct
{
  LwWorkspace *self;
  char *request_id;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->self);
  g_free (load->request_id);
  g_free (load);
}

static DexFuture *
load_fiber (gpointer data)
{
  Load *load = data;
  const char *const ids[] = { load->request_id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = dex_await_boxed (
      lw_ledger_get_cases (lw_session_get_ledger (load->self->session), ids), &error);
  LwCase *value;

  if (cases == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (cases->len == 0)
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                  _ ("There is no request %s in the ledger"), load->request_id);
  value = g_ptr_array_index (cases, 0);
  return dex_future_new_take_boxed (LW_TYPE_CASE, lw_case_ref (value));
}

DexFuture *
lw_workspace_load_case (LwWorkspace *self, const char *request_id)
{
  Load *load;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  load = g_new0 (Load, 1);
  load->self = g_object_ref (self);
  load->request_id = g_strdup (request_id);
  return dex_scheduler_spawn (NULL, 0, load_fiber, load, load_free);
}

/* --- Changes --- */

static gboolean
tell_changed (gpointer data)
{
  LwWorkspace *self = data;

  self->changed_id = 0;
  if (!self->closed)
    g_signal_emit (self, records_changed_signal, 0);
  return G_SOURCE_REMOVE;
}

void
lw_workspace_queue_changed (LwWorkspace *self)
{
  if (self->changed_id == 0 && self->seen != NULL)
    self->changed_id = g_idle_add (tell_changed, self);
}

static gboolean
tell_progress (gpointer data)
{
  LwWorkspace *self = data;

  self->progress_id = 0;
  g_object_notify (G_OBJECT (self), "progress");
  return G_SOURCE_REMOVE;
}

void
lw_workspace_set_progress (LwWorkspace *self, guint done, guint total)
{
  if (total < PROGRESS_LEAST)
    done = total = 0;
  if (self->done == done && self->total == total)
    return;
  self->done = done;
  self->total = total;
  if (self->progress_id == 0)
    self->progress_id = g_timeout_add (PROGRESS_STEP, tell_progress, self);
}

/* --- Drafts --- */

/* Replaces only what differs between the ends, so that a selection elsewhere survives. */
static void
splice_changes (GListStore *store, GPtrArray *items)
{
  guint old_n = g_list_model_get_n_items (G_LIST_MODEL (store));
  guint start = 0, end = 0;

  while (start < old_n && start < items->len)
    {
      g_autoptr (LwDraftItem) item = g_list_model_get_item (G_LIST_MODEL (store), start);

      if (!lw_draft_item_equal (item, g_ptr_array_index (items, start)))
        break;
      start++;
    }
  while (end < old_n - start && end < items->len - start)
    {
      g_autoptr (LwDraftItem) item = g_list_model_get_item (G_LIST_MODEL (store), old_n - 1 - end);

      if (!lw_draft_item_equal (item, g_ptr_array_index (items, items->len - 1 - end)))
        break;
      end++;
    }
  if (start + end < old_n || start + end < items->len)
    g_list_store_splice (store, start, old_n - start - end, items->pdata + start,
                         items->len - start - end);
}

/* The cases on record that @drafts are of. Awaits. (element-type LwCase) */
static GPtrArray *
find_on_record (LwWorkspace *self, GPtrArray *drafts)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_null_terminated (drafts->len, NULL, TRUE);
  GPtrArray *cases;

  if (drafts->len == 0)
    return g_ptr_array_new ();
  for (guint i = 0; i < drafts->len; i++)
    g_ptr_array_add (ids, ((LwRequest *) g_ptr_array_index (drafts, i))->id);
  cases = dex_await_boxed (
      lw_ledger_get_cases (lw_session_get_ledger (self->session), (const char *const *) ids->pdata),
      NULL);
  return cases != NULL ? cases : g_ptr_array_new ();
}

static gboolean
is_on_record (GPtrArray *cases, const LwRequest *draft)
{
  for (guint i = 0; i < cases->len; i++)
    if (g_strcmp0 (((LwCase *) g_ptr_array_index (cases, i))->request_id, draft->id) == 0)
      return TRUE;
  return FALSE;
}

typedef struct
{
  LwWorkspace *self;
  GPtrArray *all;
  GPtrArray *open;
  GPtrArray *cases; /* of those that are on record */
} Drafts;

static void
drafts_free (gpointer data)
{
  Drafts *drafts = data;

  g_object_unref (drafts->self);
  g_ptr_array_unref (drafts->all);
  g_ptr_array_unref (drafts->open);
  g_ptr_array_unref (drafts->cases);
  g_free (drafts);
}

static gboolean
show_drafts (gpointer data)
{
  Drafts *drafts = data;

  /* The form that goes on with a draft asks for what is on record of it. */
  for (guint i = 0; i < drafts->cases->len; i++)
    lw_workspace_note_case (drafts->self, g_ptr_array_index (drafts->cases, i), 0);
  splice_changes (drafts->self->draft_items, drafts->all);
  splice_changes (drafts->self->open_drafts, drafts->open);
  return G_SOURCE_REMOVE;
}

static DexFuture *
drafts_fiber (gpointer data)
{
  LwWorkspace *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = dex_await_boxed (lw_drafts_list (self->drafts), &error);
  Drafts *drafts;

  if (requests == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  drafts = g_new0 (Drafts, 1);
  drafts->cases = find_on_record (self, requests);
  drafts->self = g_object_ref (self);
  drafts->all = g_ptr_array_new_with_free_func (g_object_unref);
  drafts->open = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < requests->len; i++)
    {
      LwRequest *request = g_ptr_array_index (requests, i);
      LwDraftItem *item = lw_draft_item_new (request);

      g_ptr_array_add (drafts->all, item);
      if (!is_on_record (drafts->cases, request))
        g_ptr_array_add (drafts->open, g_object_ref (item));
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, show_drafts, drafts, drafts_free);
  return dex_future_new_for_boolean (TRUE);
}

void
lw_workspace_drafts_changed (LwWorkspace *self)
{
  g_return_if_fail (LW_IS_WORKSPACE (self));
  lw_workspace_spawn (self, drafts_fiber, g_object_ref (self), g_object_unref);
}

GListModel *
lw_workspace_get_draft_items (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return G_LIST_MODEL (self->draft_items);
}

/* --- Lists --- */

GListModel *
lw_workspace_get_group (LwWorkspace *self, LwRequestGroup group)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  g_return_val_if_fail (group < LW_GROUP_COUNT, NULL);
  if (group == LW_GROUP_DRAFTS)
    return G_LIST_MODEL (self->open_drafts);
  return G_LIST_MODEL (self->groups[group]);
}

gboolean
lw_workspace_groups_are_known (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), FALSE);
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    if (self->groups[i] != NULL && lw_case_list_is_busy (self->groups[i]))
      return FALSE;
  return self->changed_id == 0;
}

LwReviewQueue *
lw_workspace_get_queue (LwWorkspace *self)
{
  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  return self->queue;
}

static void
mine_changed (LwWorkspace *self)
{
  g_object_notify (G_OBJECT (self), "mine-count");
}

static void
queue_changed (LwWorkspace *self)
{
  g_object_notify (G_OBJECT (self), "review-count");
}

static void
add_groups (LwWorkspace *self)
{
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    {
      LwLedgerQuery query = { .phases = groups[i].phases,
                              .live = groups[i].live,
                              .over = groups[i].over,
                              .person = self->account };

      if (i != LW_GROUP_DRAFTS)
        self->groups[i] = lw_case_list_new (self, &query);
    }
  g_signal_connect_object (self->groups[LW_GROUP_NEEDS_YOU], "items-changed",
                           G_CALLBACK (mine_changed), self, G_CONNECT_SWAPPED);
}

void
lw_workspace_cases_class_init (LwWorkspaceClass *klass)
{
  records_changed_signal = g_signal_new ("records-changed", LW_TYPE_WORKSPACE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  case_changed_signal = g_signal_new ("case-changed", LW_TYPE_WORKSPACE, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, LW_TYPE_CASE);
}

void
lw_workspace_cases_init (LwWorkspace *self)
{
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, seen_free);
  self->draft_items = g_list_store_new (LW_TYPE_DRAFT_ITEM);
  self->open_drafts = g_list_store_new (LW_TYPE_DRAFT_ITEM);
  add_groups (self);
  self->queue = lw_review_queue_new (self);
  g_signal_connect_object (self->queue, "notify::count", G_CALLBACK (queue_changed), self,
                           G_CONNECT_SWAPPED);
  /* A draft is hidden once its request is on record. */
  g_signal_connect (self, "records-changed", G_CALLBACK (lw_workspace_drafts_changed), NULL);
  g_signal_connect_object (lw_session_get_ledger (self->session), "progress",
                           G_CALLBACK (lw_workspace_set_progress), self, G_CONNECT_SWAPPED);
}

void
lw_workspace_cases_dispose (LwWorkspace *self)
{
  g_clear_handle_id (&self->changed_id, g_source_remove);
  g_clear_handle_id (&self->progress_id, g_source_remove);
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    g_clear_object (&self->groups[i]);
  g_clear_object (&self->queue);
}

void
lw_workspace_cases_finalize (LwWorkspace *self)
{
  g_clear_object (&self->draft_items);
  g_clear_object (&self->open_drafts);
  g_clear_pointer (&self->seen, g_hash_table_unref);
}
