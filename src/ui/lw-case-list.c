/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-list.h"

#include "lw-when.h"

/* Requests that are read in one go: what a row costs to fill is paid for all of them between two frames. */
#define AT_ONCE 16

struct _LwCaseList
{
  GObject parent_instance;

  LwWorkspace *workspace; /* weak */
  LwLedgerQuery query;
  char *person;
  char *text;
  gboolean empty; /* nothing is looked for */

  LwLedgerIndex *index; /* what the model says it holds */
  GHashTable *items;    /* request → LwCaseItem (unowned): those that somebody holds */
  GQueue wanted;        /* LwLedgerKey (owned) of those that are in view and not read */
  guint turn;           /* of the newest question */
  gboolean asking;
  gboolean again;
  gboolean fetching;
};

typedef enum
{
  PROP_BUSY = 1
} LwCaseListProperty;

static GParamSpec *properties[PROP_BUSY + 1];

static GType
lw_case_list_get_item_type (GListModel *model)
{
  return LW_TYPE_CASE_ITEM;
}

static guint
lw_case_list_get_n_items (GListModel *model)
{
  LwCaseList *self = LW_CASE_LIST (model);

  return self->index != NULL ? self->index->n : 0;
}

static void fetch (LwCaseList *self);

static void
want (LwCaseList *self, const LwLedgerKey *key)
{
  g_queue_push_tail (&self->wanted, g_memdup2 (key, sizeof *key));
  fetch (self);
}

static void
item_gone (gpointer data, GObject *item)
{
  LwCaseList *self = data;
  GHashTableIter iter;
  gpointer other;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    if (other == (gpointer) item)
      {
        g_hash_table_iter_remove (&iter);
        return;
      }
}

static gpointer
lw_case_list_get_item (GListModel *model, guint position)
{
  LwCaseList *self = LW_CASE_LIST (model);
  const LwLedgerKey *key;
  LwCaseItem *item;
  gboolean current = FALSE;
  LwCase *value;

  if (self->index == NULL || position >= self->index->n)
    return NULL;
  key = &self->index->keys[position];
  item = g_hash_table_lookup (self->items, key->request);
  if (item != NULL)
    return g_object_ref (item);
  value = self->workspace != NULL
              ? lw_workspace_find_case (self->workspace, key->request, key->generation, &current)
              : NULL;
  item = lw_case_item_new (key->request, value);
  g_hash_table_insert (self->items, g_strdup (key->request), item);
  g_object_weak_ref (G_OBJECT (item), item_gone, self);
  if (!current)
    want (self, key);
  return item;
}

static void
model_init (GListModelInterface *iface)
{
  iface->get_item_type = lw_case_list_get_item_type;
  iface->get_n_items = lw_case_list_get_n_items;
  iface->get_item = lw_case_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LwCaseList,
                               lw_case_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_init))

/* --- Reading what is in view --- */

static gint64
generation_of (GPtrArray *keys, const LwCase *value)
{
  for (guint i = 0; i < keys->len; i++)
    {
      const LwLedgerKey *key = g_ptr_array_index (keys, i);

      if (g_str_equal (key->request, value->request_id))
        return key->generation;
    }
  return 0;
}

static void
fetched (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCaseList *self = owner;
  GPtrArray *cases = value != NULL ? g_value_get_boxed (value) : NULL;
  GPtrArray *keys = data;

  self->fetching = FALSE;
  if (self->workspace == NULL || lw_workspace_is_closed (self->workspace))
    return;
  for (guint i = 0; cases != NULL && i < cases->len; i++)
    {
      LwCase *found = g_ptr_array_index (cases, i);
      LwCaseItem *item;

      found = lw_workspace_note_case (self->workspace, found, generation_of (keys, found));
      item = g_hash_table_lookup (self->items, found->request_id);
      if (item != NULL)
        lw_case_item_set_case (item, found);
    }
  fetch (self);
}

static void
fetch (LwCaseList *self)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  const char *requests[AT_ONCE + 1] = { NULL };
  LwLedger *ledger;

  if (self->fetching || self->workspace == NULL || lw_workspace_is_closed (self->workspace))
    return;
  while (keys->len < AT_ONCE && !g_queue_is_empty (&self->wanted))
    {
      LwLedgerKey *key = g_queue_pop_head (&self->wanted);

      /* What has left the view meanwhile is not read. */
      if (g_hash_table_contains (self->items, key->request))
        {
          requests[keys->len] = key->request;
          g_ptr_array_add (keys, key);
        }
      else
        g_free (key);
    }
  if (keys->len == 0)
    return;
  self->fetching = TRUE;
  ledger = lw_session_get_ledger (lw_workspace_get_session (self->workspace));
  lw_when (lw_ledger_get_cases (ledger, requests), self, fetched, g_ptr_array_ref (keys),
           (GDestroyNotify) g_ptr_array_unref);
}

/* --- Following the ledger --- */

static gboolean
same_request (const LwLedgerKey *a, const LwLedgerKey *b)
{
  return strcmp (a->request, b->request) == 0;
}

/* Those in view that have another state now. */
static void
want_changed (LwCaseList *self)
{
  guint left = g_hash_table_size (self->items);

  for (guint i = 0; left > 0 && i < self->index->n; i++)
    {
      const LwLedgerKey *key = &self->index->keys[i];
      LwCaseItem *item = g_hash_table_lookup (self->items, key->request);
      gboolean current = FALSE;
      LwCase *value;

      if (item == NULL)
        continue;
      left--;
      value = lw_workspace_find_case (self->workspace, key->request, key->generation, &current);
      if (value != NULL)
        lw_case_item_set_case (item, value);
      if (!current)
        want (self, key);
    }
}

static void
take_index (LwCaseList *self, LwLedgerIndex *index)
{
  g_autoptr (LwLedgerIndex) old = g_steal_pointer (&self->index);
  guint old_n = old != NULL ? old->n : 0, start = 0, end = 0;

  while (start < old_n && start < index->n && same_request (&old->keys[start], &index->keys[start]))
    start++;
  while (end < old_n - start && end < index->n - start &&
         same_request (&old->keys[old_n - 1 - end], &index->keys[index->n - 1 - end]))
    end++;
  self->index = lw_ledger_index_ref (index);
  if (start + end < old_n || start + end < index->n)
    g_list_model_items_changed (G_LIST_MODEL (self), start, old_n - start - end,
                                index->n - start - end);
  want_changed (self);
}

static void ask (LwCaseList *self);

static void
answered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCaseList *self = owner;

  self->asking = FALSE;
  if (self->workspace == NULL || lw_workspace_is_closed (self->workspace))
    return;
  if (value != NULL && GPOINTER_TO_UINT (data) == self->turn)
    take_index (self, g_value_get_boxed (value));
  if (self->again)
    ask (self);
  else
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
ask (LwCaseList *self)
{
  LwSession *session;
  g_autoptr (GDateTime) now = NULL;

  if (self->workspace == NULL || lw_workspace_is_closed (self->workspace) || self->empty)
    return;
  if (self->asking)
    {
      self->again = TRUE;
      return;
    }
  session = lw_workspace_get_session (self->workspace);
  now = lw_session_now (session);
  self->again = FALSE;
  self->asking = TRUE;
  self->query.at = g_date_time_to_unix_usec (now);
  self->query.person = self->person;
  self->query.text = self->text;
  lw_when (lw_ledger_query_index (lw_session_get_ledger (session), &self->query), self, answered,
           GUINT_TO_POINTER (self->turn), NULL);
}

static void
case_changed (LwCaseList *self, LwCase *value)
{
  LwCaseItem *item = g_hash_table_lookup (self->items, value->request_id);

  if (item != NULL)
    lw_case_item_set_case (item, value);
}

void
lw_case_list_set_text (LwCaseList *self, const char *text)
{
  g_autoptr (LwLedgerIndex) none = NULL;

  g_return_if_fail (LW_IS_CASE_LIST (self));
  if (!g_set_str (&self->text, text) && self->empty == (text == NULL))
    return;
  self->turn++;
  self->empty = text == NULL;
  if (!self->empty)
    {
      ask (self);
      return;
    }
  none = g_atomic_rc_box_new0 (LwLedgerIndex);
  take_index (self, none);
}

gboolean
lw_case_list_is_busy (LwCaseList *self)
{
  g_return_val_if_fail (LW_IS_CASE_LIST (self), FALSE);
  return self->asking;
}

/* --- Object --- */

static void
lw_case_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwCaseList *self = LW_CASE_LIST (object);

  switch ((LwCaseListProperty) id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->asking);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_case_list_finalize (GObject *object)
{
  LwCaseList *self = LW_CASE_LIST (object);
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    g_object_weak_unref (item, item_gone, self);
  g_clear_pointer (&self->items, g_hash_table_unref);
  g_clear_pointer (&self->index, lw_ledger_index_unref);
  g_queue_clear_full (&self->wanted, g_free);
  g_clear_weak_pointer (&self->workspace);
  g_free (self->person);
  g_free (self->text);
  G_OBJECT_CLASS (lw_case_list_parent_class)->finalize (object);
}

static void
lw_case_list_class_init (LwCaseListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lw_case_list_get_property;
  object_class->finalize = lw_case_list_finalize;
  properties[PROP_BUSY] =
      g_param_spec_boolean ("busy", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lw_case_list_init (LwCaseList *self)
{
  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->wanted);
}

LwCaseList *
lw_case_list_new (LwWorkspace *workspace, const LwLedgerQuery *query)
{
  LwCaseList *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (query != NULL, NULL);
  self = g_object_new (LW_TYPE_CASE_LIST, NULL);
  g_set_weak_pointer (&self->workspace, workspace);
  self->query = *query;
  self->person = g_strdup (query->person);
  self->text = g_strdup (query->text);
  g_signal_connect_object (workspace, "records-changed", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "case-changed", G_CALLBACK (case_changed), self,
                           G_CONNECT_SWAPPED);
  ask (self);
  return self;
}
