/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-review-queue.h"

#include "lw-when.h"

/* No more of what changed lately is looked through for what the person decided. */
#define RECENT_MOST 200
/* Requests that are read in one go. */
#define AT_ONCE 32
/* Microseconds of the main loop that judging takes at once. */
#define SLICE 3000

#define PHASE(name) (1u << LW_PHASE_##name)
#define OPEN_PHASES                                                                                \
  (PHASE (PENDING) | PHASE (APPROVED) | PHASE (APPLYING) | PHASE (PARTLY_APPLIED) |                \
   PHASE (APPLY_FAILED))

struct _LwReviewQueue
{
  GObject parent_instance;

  LwWorkspace *workspace; /* weak */
  GPtrArray *items;       /* (element-type LwQueueItem): what the model holds */
  GArray *headings;       /* of LwQueueHeading: of each of them, as the model said last */
  GHashTable *judged;     /* request → Judged */
  char *keep;
  guint count;

  LwLedgerIndex *open;   /* what may wait for somebody */
  LwLedgerIndex *recent; /* what changed lately */
  guint at;              /* how many of both were judged */
  guint step_id;
  gboolean busy;
  gboolean again;
  gboolean loaded;
};

typedef enum
{
  PROP_COUNT = 1,
  PROP_LOADED
} LwReviewQueueProperty;

static GParamSpec *properties[PROP_LOADED + 1];
static guint changed_signal;

/* What became of a request, so that it is thought about once for each of its states. */
typedef struct
{
  gint64 generation;
  LwQueueEntry *entry; /* nullable: it does not belong in the queue */
  LwCase *value;       /* nullable: it could not be read */
} Judged;

static void
judged_free (gpointer data)
{
  Judged *judged = data;

  lw_queue_entry_free (judged->entry);
  g_clear_pointer (&judged->value, lw_case_unref);
  g_free (judged);
}

static GType
get_item_type (GListModel *model)
{
  return LW_TYPE_QUEUE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return LW_REVIEW_QUEUE (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  LwReviewQueue *self = LW_REVIEW_QUEUE (model);

  return position < self->items->len ? g_object_ref (g_ptr_array_index (self->items, position))
                                     : NULL;
}

static void
model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static LwQueueHeading
heading_at (LwReviewQueue *self, guint position)
{
  return g_array_index (self->headings, LwQueueHeading, position);
}

static void
get_section (GtkSectionModel *model, guint position, guint *start, guint *end)
{
  LwReviewQueue *self = LW_REVIEW_QUEUE (model);
  guint n = self->headings->len;

  if (position >= n)
    {
      *start = n;
      *end = G_MAXUINT;
      return;
    }
  for (*start = position; *start > 0; (*start)--)
    if (heading_at (self, *start - 1) != heading_at (self, position))
      break;
  for (*end = position + 1; *end < n; (*end)++)
    if (heading_at (self, *end) != heading_at (self, position))
      break;
}

static void
sections_init (GtkSectionModelInterface *iface)
{
  iface->get_section = get_section;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LwReviewQueue,
                               lw_review_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SECTION_MODEL, sections_init))

/* @value: (nullable): it could not be read */
static void
judge (LwReviewQueue *self, const char *request, LwCase *value, gint64 generation)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  g_autoptr (GDateTime) now = lw_session_now (session);
  Judged *judged = g_new0 (Judged, 1);

  judged->generation = generation;
  if (value)
    {
      judged->entry = lw_queue_entry_new (session, value, now);
      judged->value = lw_case_ref (value);
    }
  g_hash_table_replace (self->judged, g_strdup (request), judged);
}

/* --- Showing --- */

static gboolean
same_item (LwReviewQueue *self, guint at, LwQueueItem *item, LwQueueHeading heading)
{
  return g_ptr_array_index (self->items, at) == (gpointer) item && heading_at (self, at) == heading;
}

/* (element-type LwQueueEntry), which the judgements own, sorted. What is being read stays. */
static GPtrArray *
collect (LwReviewQueue *self)
{
  GPtrArray *entries = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer request, value;

  g_hash_table_iter_init (&iter, self->judged);
  while (g_hash_table_iter_next (&iter, &request, &value))
    {
      Judged *judged = value;

      if (judged->entry == NULL && g_strcmp0 (request, self->keep) == 0 && judged->value != NULL &&
          judged->value->content != NULL)
        {
          LwQueueEntry kept = { .value = judged->value, .heading = LW_QUEUE_RECENT };

          lw_case_ref (judged->value);
          judged->entry = g_memdup2 (&kept, sizeof kept);
        }
      if (judged->entry != NULL)
        g_ptr_array_add (entries, judged->entry);
    }
  g_ptr_array_sort (entries, lw_queue_entry_compare);
  return entries;
}

/* (element-type LwQueueItem): those that are there already, else new ones */
static GPtrArray *
items_for (LwReviewQueue *self, GPtrArray *entries)
{
  g_autoptr (GHashTable) old = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *items = g_ptr_array_new_full (entries->len, g_object_unref);

  for (guint i = 0; i < self->items->len; i++)
    {
      LwQueueItem *item = g_ptr_array_index (self->items, i);

      g_hash_table_insert (old, lw_queue_item_get_entry (item)->value->request_id, item);
    }
  for (guint i = 0; i < entries->len; i++)
    {
      LwQueueEntry *entry = g_ptr_array_index (entries, i);
      LwQueueItem *item = g_hash_table_lookup (old, entry->value->request_id);

      g_ptr_array_add (items, item ? g_object_ref (item) : g_object_new (LW_TYPE_QUEUE_ITEM, NULL));
    }
  return items;
}

static void
show (LwReviewQueue *self)
{
  g_autoptr (GPtrArray) entries = collect (self);
  GPtrArray *items = items_for (self, entries);
  GArray *headings = g_array_new (FALSE, FALSE, sizeof (LwQueueHeading));
  guint old_n = self->items->len, start = 0, end = 0, count = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      LwQueueEntry *entry = g_ptr_array_index (entries, i);

      g_array_append_val (headings, entry->heading);
      count += entry->heading <= LW_QUEUE_LOW;
    }
#define SAME(old, new)                                                                             \
  same_item (self, old, g_ptr_array_index (items, new),                                            \
             g_array_index (headings, LwQueueHeading, new))
  while (start < old_n && start < items->len && SAME (start, start))
    start++;
  while (end < old_n - start && end < items->len - start &&
         SAME (old_n - 1 - end, items->len - 1 - end))
    end++;
#undef SAME
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->headings, g_array_unref);
  self->items = items;
  self->headings = headings;
  for (guint i = 0; i < entries->len; i++)
    lw_queue_item_set_entry (g_ptr_array_index (items, i), g_ptr_array_index (entries, i));
  if (start + end < old_n || start + end < items->len)
    g_list_model_items_changed (G_LIST_MODEL (self), start, old_n - start - end,
                                items->len - start - end);
  if (self->count != count)
    {
      self->count = count;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
    }
  g_signal_emit (self, changed_signal, 0);
}

/* --- Reading --- */

static void refresh (LwReviewQueue *self);
static void queue_step (LwReviewQueue *self);

static gboolean
is_over (LwReviewQueue *self)
{
  return self->workspace == NULL || lw_workspace_is_closed (self->workspace);
}

/* Forgets what neither index names any more. */
static void
forget_others (LwReviewQueue *self)
{
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer request;

  for (guint i = 0; i < self->open->n; i++)
    g_hash_table_add (named, self->open->keys[i].request);
  for (guint i = 0; i < self->recent->n; i++)
    g_hash_table_add (named, self->recent->keys[i].request);
  if (self->keep != NULL)
    g_hash_table_add (named, self->keep);
  g_hash_table_iter_init (&iter, self->judged);
  while (g_hash_table_iter_next (&iter, &request, NULL))
    if (!g_hash_table_contains (named, request))
      g_hash_table_iter_remove (&iter);
}

static void
finish (LwReviewQueue *self)
{
  forget_others (self);
  self->busy = FALSE;
  show (self);
  if (!self->loaded)
    {
      self->loaded = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
    }
  if (self->again)
    refresh (self);
}

static const LwLedgerKey *
key_at (LwReviewQueue *self, guint at)
{
  if (at < self->open->n)
    return &self->open->keys[at];
  at -= self->open->n;
  return at < self->recent->n ? &self->recent->keys[at] : NULL;
}

/* (nullable) */
static LwCase *
find_among (GPtrArray *cases, const char *request)
{
  for (guint i = 0; i < cases->len; i++)
    if (g_str_equal (((LwCase *) g_ptr_array_index (cases, i))->request_id, request))
      return g_ptr_array_index (cases, i);
  return NULL;
}

static void give_up (LwReviewQueue *self);

static void
cases_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewQueue *self = owner;
  GPtrArray *cases = value ? g_value_get_boxed (value) : NULL;
  GPtrArray *keys = data;

  if (is_over (self))
    return;
  if (!cases)
    {
      give_up (self);
      return;
    }
  for (guint i = 0; i < keys->len; i++)
    {
      const LwLedgerKey *key = g_ptr_array_index (keys, i);
      LwCase *found = find_among (cases, key->request);

      if (found)
        lw_workspace_note_case (self->workspace, found, key->generation);
      else
        judge (self, key->request, NULL, key->generation);
    }
  queue_step (self);
}

/* Asks for the next ones whose state is not known. */
static void
read_more (LwReviewQueue *self)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  const char *ids[AT_ONCE + 1] = { NULL };
  const LwLedgerKey *key;

  for (guint at = self->at; keys->len < AT_ONCE && (key = key_at (self, at)); at++)
    {
      gboolean current;

      lw_workspace_find_case (self->workspace, key->request, key->generation, &current);
      if (current)
        continue;
      ids[keys->len] = key->request;
      g_ptr_array_add (keys, g_memdup2 (key, sizeof *key));
    }
  lw_when (
      lw_ledger_get_cases (lw_session_get_ledger (lw_workspace_get_session (self->workspace)), ids),
      self, cases_read, g_ptr_array_ref (keys), (GDestroyNotify) g_ptr_array_unref);
}

/* Judging a request takes a fraction of a millisecond; the main loop is never kept for long. */
static gboolean
step (gpointer data)
{
  LwReviewQueue *self = data;
  gint64 start = g_get_monotonic_time ();
  const LwLedgerKey *key;

  self->step_id = 0;
  if (is_over (self))
    return G_SOURCE_REMOVE;
  for (; (key = key_at (self, self->at)); self->at++)
    {
      const Judged *judged = g_hash_table_lookup (self->judged, key->request);
      gboolean current;
      LwCase *value =
          lw_workspace_find_case (self->workspace, key->request, key->generation, &current);

      if (judged && judged->generation == key->generation &&
          (!judged->value || (current && judged->value == value)))
        continue;
      if (!current)
        {
          read_more (self);
          return G_SOURCE_REMOVE;
        }
      judge (self, key->request, value, key->generation);
      if (g_get_monotonic_time () - start > SLICE)
        {
          self->at++;
          queue_step (self);
          return G_SOURCE_REMOVE;
        }
    }
  finish (self);
  return G_SOURCE_REMOVE;
}

static void
queue_step (LwReviewQueue *self)
{
  if (self->step_id == 0)
    self->step_id = g_idle_add (step, self);
}

static void
give_up (LwReviewQueue *self)
{
  self->busy = FALSE;
  if (self->again)
    refresh (self);
}

static void
recent_answered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewQueue *self = owner;

  if (is_over (self))
    return;
  if (!value)
    {
      give_up (self);
      return;
    }
  g_clear_pointer (&self->recent, lw_ledger_index_unref);
  self->recent = lw_ledger_index_ref (g_value_get_boxed (value));
  self->at = 0;
  queue_step (self);
}

static void
open_answered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewQueue *self = owner;
  LwSession *session;
  g_autoptr (GDateTime) now = NULL;
  LwLedgerQuery query = { .phases = ~OPEN_PHASES, .limit = RECENT_MOST };

  if (is_over (self))
    return;
  if (!value)
    {
      give_up (self);
      return;
    }
  session = lw_workspace_get_session (self->workspace);
  now = lw_session_now (session);
  query.since = g_date_time_to_unix_usec (now) - LW_QUEUE_RECENT_DAYS * G_TIME_SPAN_DAY;
  g_clear_pointer (&self->open, lw_ledger_index_unref);
  self->open = lw_ledger_index_ref (g_value_get_boxed (value));
  lw_when (lw_ledger_query_index (lw_session_get_ledger (session), &query), self, recent_answered,
           NULL, NULL);
}

static void
refresh (LwReviewQueue *self)
{
  const LwLedgerQuery query = { .phases = OPEN_PHASES };

  if (is_over (self))
    return;
  self->again = self->busy;
  if (self->busy)
    return;
  self->busy = TRUE;
  lw_when (lw_ledger_query_index (
               lw_session_get_ledger (lw_workspace_get_session (self->workspace)), &query),
           self, open_answered, NULL, NULL);
}

/* A newer state of one of them is known before the index says so. */
static void
case_changed (LwReviewQueue *self, LwCase *value)
{
  const Judged *judged = g_hash_table_lookup (self->judged, value->request_id);

  if (is_over (self) || !judged || judged->value == value)
    return;
  judge (self, value->request_id, value, 0);
  if (!self->busy)
    show (self);
}

void
lw_review_queue_set_keep (LwReviewQueue *self, const char *request_id)
{
  g_return_if_fail (LW_IS_REVIEW_QUEUE (self));
  g_set_str (&self->keep, request_id);
}

guint
lw_review_queue_count (LwReviewQueue *self)
{
  g_return_val_if_fail (LW_IS_REVIEW_QUEUE (self), 0);
  return self->count;
}

gboolean
lw_review_queue_is_loaded (LwReviewQueue *self)
{
  g_return_val_if_fail (LW_IS_REVIEW_QUEUE (self), FALSE);
  return self->loaded;
}

/* --- Object --- */

static void
lw_review_queue_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwReviewQueue *self = LW_REVIEW_QUEUE (object);

  switch ((LwReviewQueueProperty) id)
    {
    case PROP_COUNT:
      g_value_set_uint (value, self->count);
      break;
    case PROP_LOADED:
      g_value_set_boolean (value, self->loaded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_review_queue_finalize (GObject *object)
{
  LwReviewQueue *self = LW_REVIEW_QUEUE (object);

  g_clear_handle_id (&self->step_id, g_source_remove);
  g_clear_weak_pointer (&self->workspace);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->headings, g_array_unref);
  g_clear_pointer (&self->judged, g_hash_table_unref);
  g_clear_pointer (&self->open, lw_ledger_index_unref);
  g_clear_pointer (&self->recent, lw_ledger_index_unref);
  g_free (self->keep);
  G_OBJECT_CLASS (lw_review_queue_parent_class)->finalize (object);
}

static void
lw_review_queue_class_init (LwReviewQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lw_review_queue_get_property;
  object_class->finalize = lw_review_queue_finalize;
  properties[PROP_COUNT] = g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  changed_signal = g_signal_new ("changed", LW_TYPE_REVIEW_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_review_queue_init (LwReviewQueue *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->headings = g_array_new (FALSE, FALSE, sizeof (LwQueueHeading));
  self->judged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, judged_free);
}

LwReviewQueue *
lw_review_queue_new (LwWorkspace *workspace)
{
  LwReviewQueue *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_REVIEW_QUEUE, NULL);
  g_set_weak_pointer (&self->workspace, workspace);
  g_signal_connect_object (workspace, "records-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "case-changed", G_CALLBACK (case_changed), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
  return self;
}
