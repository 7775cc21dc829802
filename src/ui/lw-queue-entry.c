/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-queue-entry.h"

#include <glib/gi18n-lib.h>

#include "lw-assess.h"
#include "lw-workspace-items.h"

#define RECENT_DAYS LW_QUEUE_RECENT_DAYS

void
lw_queue_entry_free (LwQueueEntry *self)
{
  if (!self)
    return;
  lw_case_unref (self->value);
  g_free (self);
}

const char *
lw_queue_heading_title (LwQueueHeading heading)
{
  switch (heading)
    {
    case LW_QUEUE_HIGH:
      return _ ("High Risk");
    case LW_QUEUE_MEDIUM:
      return _ ("Medium Risk");
    case LW_QUEUE_LOW:
      return _ ("Low Risk");
    case LW_QUEUE_APPLY:
      return _ ("To Apply");
    case LW_QUEUE_OTHERS:
      return _ ("Waiting for Others");
    case LW_QUEUE_RECENT:
    default:
      return _ ("Decided Recently");
    }
}

static LwQueueHeading
risk_heading (LwSession *session, LwCase *value, GDateTime *now, LwRiskReasons *reasons)
{
  LwAssessContext context = {
    .now = now,
    .rules = value->rules ? value->rules : lw_session_get_rules (session),
    .hierarchy = lw_session_get_hierarchy (session),
  };
  g_autoptr (GPtrArray) findings = lw_assess (value->content, &context);

  switch (lw_request_risk (value->content, findings, now, reasons))
    {
    case LW_RISK_HIGH:
      return LW_QUEUE_HIGH;
    case LW_RISK_MEDIUM:
      return LW_QUEUE_MEDIUM;
    case LW_RISK_LOW:
    default:
      return LW_QUEUE_LOW;
    }
}

static gboolean
is_decision (LwEventKind kind)
{
  return kind == LW_EVENT_APPROVED || kind == LW_EVENT_REJECTED ||
         kind == LW_EVENT_CHANGES_REQUESTED || kind == LW_EVENT_APPLIED;
}

/* Whether the person had a hand in it, and not long ago. */
static gboolean
decided_recently (LwCase *value, const LwPerson *me, GDateTime *now)
{
  if (!me || !value->changed ||
      g_date_time_difference (now, value->changed) > RECENT_DAYS * G_TIME_SPAN_DAY)
    return FALSE;
  for (guint i = 0; i < value->events->len; i++)
    {
      const LwEvent *event = g_ptr_array_index (value->events, i);

      if (is_decision (event->kind) && event->by && lw_person_equal (event->by, me))
        return TRUE;
    }
  return FALSE;
}

static gboolean
find_heading (LwSession *session, LwCase *value, GDateTime *now, LwQueueEntry *entry)
{
  const LwPerson *me = lw_session_get_person (session);

  if (!value->content)
    return FALSE;
  if (lw_case_waits_for_review (session, value))
    entry->heading = risk_heading (session, value, now, &entry->reasons);
  else if (lw_case_waits_for_apply (value))
    entry->heading = LW_QUEUE_APPLY;
  else if (value->phase == LW_PHASE_PENDING && me && me->id && lw_case_has_approved (value, me->id))
    entry->heading = LW_QUEUE_OTHERS;
  else if (decided_recently (value, me, now))
    entry->heading = LW_QUEUE_RECENT;
  else
    return FALSE;
  return TRUE;
}

static gint
compare_times (GDateTime *a, GDateTime *b)
{
  return a && b ? g_date_time_compare (a, b) : !!b - !!a;
}

gint
lw_queue_entry_compare (gconstpointer a, gconstpointer b)
{
  const LwQueueEntry *first = *(LwQueueEntry *const *) a;
  const LwQueueEntry *second = *(LwQueueEntry *const *) b;
  gint order = (gint) first->heading - (gint) second->heading;

  if (order == 0 && first->heading == LW_QUEUE_RECENT)
    order = compare_times (second->value->changed, first->value->changed);
  else if (order == 0)
    order = compare_times (first->value->submitted, second->value->submitted);
  return order ? order : g_strcmp0 (first->value->request_id, second->value->request_id);
}

LwQueueEntry *
lw_queue_entry_new (LwSession *session, LwCase *value, GDateTime *now)
{
  LwQueueEntry found = { .value = value };

  g_return_val_if_fail (value != NULL, NULL);
  if (!find_heading (session, value, now, &found))
    return NULL;
  lw_case_ref (value);
  return g_memdup2 (&found, sizeof found);
}

/* --- An item --- */

struct _LwQueueItem
{
  GObject parent_instance;

  LwQueueEntry entry;
};

typedef enum
{
  PROP_ENTRY = 1
} LwQueueItemProperty;

static GParamSpec *item_properties[PROP_ENTRY + 1];

G_DEFINE_FINAL_TYPE (LwQueueItem, lw_queue_item, G_TYPE_OBJECT)

static void
lw_queue_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwQueueItem *self = LW_QUEUE_ITEM (object);

  switch ((LwQueueItemProperty) id)
    {
    case PROP_ENTRY:
      g_value_set_pointer (value, &self->entry);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_queue_item_finalize (GObject *object)
{
  lw_case_unref (LW_QUEUE_ITEM (object)->entry.value);
  G_OBJECT_CLASS (lw_queue_item_parent_class)->finalize (object);
}

static void
lw_queue_item_class_init (LwQueueItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lw_queue_item_get_property;
  object_class->finalize = lw_queue_item_finalize;
  item_properties[PROP_ENTRY] = g_param_spec_pointer (
      "entry", NULL, NULL, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (item_properties), item_properties);
}

static void
lw_queue_item_init (LwQueueItem *self)
{
}

const LwQueueEntry *
lw_queue_item_get_entry (LwQueueItem *self)
{
  g_return_val_if_fail (LW_IS_QUEUE_ITEM (self), NULL);
  return &self->entry;
}

void
lw_queue_item_set_entry (LwQueueItem *self, const LwQueueEntry *entry)
{
  LwCase *old = self->entry.value;
  gboolean differs = old == NULL || self->entry.heading != entry->heading ||
                     self->entry.reasons != entry->reasons ||
                     !lw_case_looks_same (old, entry->value);

  lw_case_ref (entry->value);
  self->entry = *entry;
  g_clear_pointer (&old, lw_case_unref);
  if (differs)
    g_object_notify_by_pspec (G_OBJECT (self), item_properties[PROP_ENTRY]);
}
