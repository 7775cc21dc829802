/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"

/* An exemption that outlives its end state by more than this is longer than it need be. */
#define SLACK_DAYS 31

/* The days from @from to @to, both valid. */
static int
days_between (const char *from, const char *to)
{
  g_autoptr (GDateTime) a = lw_instant_parse (from, NULL);
  g_autoptr (GDateTime) b = lw_instant_parse (to, NULL);

  return (int) (g_date_time_difference (b, a) / G_TIME_SPAN_DAY);
}

static void
assess_texts (LwAssessment *self)
{
  const LwReason *reason = self->request->reason;
  const char *const keys[] = { "title", "reason.blocker", "reason.control", "reason.impractical",
                               "reason.endState" };
  const char *const texts[] = { self->request->title, reason->blocker, reason->control,
                                reason->impractical, reason->end_state };

  for (guint i = 1; i < G_N_ELEMENTS (keys); i++)
    {
      lw_assess_text (self, keys[i], keys[i], texts[i], TRUE);
      for (guint k = 0; k < i; k++)
        if (!lw_text_is_blank (texts[k]))
          {
            guint before = self->findings->len;

            lw_assess_copied (self, keys[k], texts[k], keys[i], keys[i], texts[i]);
            if (self->findings->len > before)
              break;
          }
    }
}

static void
assess_end_state (LwAssessment *self)
{
  const char *by = self->request->reason->end_state_by;
  int slack;

  if (!lw_assess_day (self, "reason.endStateBy", "reason.endStateBy", by) || self->expires == NULL)
    return;
  slack = days_between (by, self->expires);
  if (slack < 0)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "reason.endStateBy.after-expiry", "reason.endStateBy",
        _ ("Plan to be done by the expiry, or ask for as long as the work takes."),
        _ ("The exemption ends on %s, before the end state is reached on %s."), self->expires, by);
  else if (slack > SLACK_DAYS)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "reason.endStateBy.before-expiry", "reason.endStateBy",
        _ ("Let the exemption expire soon after the end state."),
        ngettext ("The exemption would last %d day longer than the end state needs.",
                  "The exemption would last %d days longer than the end state needs.",
                  (gulong) slack),
        slack);
}

static void
assess_step (LwAssessment *self, const LwRemediation *step, guint index)
{
  g_autofree char *path = g_strdup_printf ("remediation[%u].step", index);
  g_autofree char *by = g_strdup_printf ("remediation[%u].by", index);
  g_autofree char *link = g_strdup_printf ("remediation[%u].link", index);

  lw_assess_text (self, "remediation.step", path, step->step, TRUE);
  lw_assess_link (self, "reason.remediation.link", link, step->link);
  if (lw_assess_day (self, "reason.remediation.by", by, step->by) && self->expires != NULL &&
      strcmp (step->by, self->expires) > 0)
    lw_assessment_add (self, LW_SEVERITY_WARNING, "reason.remediation.by.after-expiry", by, NULL,
                       _ ("The step is due on %s, after the exemption has ended on %s."), step->by,
                       self->expires);
}

void
lw_assess_reason (LwAssessment *self)
{
  GPtrArray *steps = self->request->remediation;

  assess_texts (self);
  assess_end_state (self);
  if (steps->len == 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "reason.remediation.missing", "remediation",
                       _ ("Name at least the first step, by when it is done, and where it is "
                          "tracked."),
                       _ ("There is no plan to reach the end state."));
  for (guint i = 0; i < steps->len; i++)
    assess_step (self, g_ptr_array_index (steps, i), i);
}
