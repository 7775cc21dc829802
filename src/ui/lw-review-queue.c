/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-review-queue.h"

#include <glib/gi18n-lib.h>

#include "lw-assess.h"
#include "lw-workspace.h"

#define RECENT_DAYS 14

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
find_heading (LwSession *session,
              LwCase *value,
              GDateTime *now,
              const char *keep,
              LwQueueEntry *entry)
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
  else if (decided_recently (value, me, now) || g_strcmp0 (value->request_id, keep) == 0)
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

static gint
compare_entries (gconstpointer a, gconstpointer b)
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

GPtrArray *
lw_review_queue (LwSession *session, GListModel *cases, const char *keep)
{
  GPtrArray *queue = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_queue_entry_free);
  g_autoptr (GDateTime) now = lw_session_now (session);
  guint n = g_list_model_get_n_items (cases);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (cases, i);
      LwQueueEntry found = { .value = lw_case_item_get_case (item) };

      if (find_heading (session, found.value, now, keep, &found))
        {
          LwQueueEntry *entry = g_memdup2 (&found, sizeof found);

          lw_case_ref (entry->value);
          g_ptr_array_add (queue, entry);
        }
    }
  g_ptr_array_sort (queue, compare_entries);
  return queue;
}
