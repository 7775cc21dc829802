/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"
#include "lw-grant-private.h"

#define TEXTS 5

static void
assess_texts (LwAssessment *self, const LwControl *control, guint index)
{
  static const char *const keys[TEXTS] = { "controls.objective", "controls.definition",
                                           "controls.residualRisk", "controls.validation",
                                           "controls.maintenance" };
  const char *const texts[TEXTS] = { control->objective, control->definition,
                                     control->residual_risk, control->validation,
                                     control->maintenance };

  for (guint i = 0; i < TEXTS; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("controls[%u].%s", index, keys[i] + strlen ("controls."));

      lw_assess_text (self, keys[i], path, texts[i], TRUE);
      for (guint k = 0; k < i; k++)
        {
          guint before = self->findings->len;

          lw_assess_copied (self, keys[k], texts[k], keys[i], path, texts[i]);
          if (self->findings->len > before)
            break;
        }
    }
}

static void
assess_kind (LwAssessment *self, const LwControl *control, guint index)
{
  g_autofree char *path = g_strdup_printf ("controls[%u].kind", index);
  g_autofree char *shown = lw_excerpt (control->kind, 40);

  if (lw_text_is_blank (control->kind))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.kind.missing", path, NULL,
                       _ ("The kind of the control is missing."));
  else if (!g_strv_contains (lw_control_kinds (), control->kind))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.kind.unknown", path,
                       _ ("Choose “other” where none of the kinds fits."),
                       _ ("“%s” is no kind of control."), shown);
}

static void
assess_check (LwAssessment *self, const LwControl *control, guint index)
{
  g_autofree char *by = g_strdup_printf ("controls[%u].checkedBy", index);
  g_autofree char *next = g_strdup_printf ("controls[%u].nextCheck", index);

  if (control->checked_by == NULL || lw_text_is_blank (control->checked_by->id))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.checkedBy.missing", by, NULL,
                       _ ("Nobody is named who checks that the control works."));
  else if (lw_person_equal (control->checked_by, self->request->requester))
    lw_assessment_add (self, LW_SEVERITY_ADVICE, "controls.checkedBy.requester", by, NULL,
                       _ ("A control is checked better by somebody other than the requester."));
  if (lw_assess_day (self, "controls.nextCheck", next, control->next_check) &&
      self->expires != NULL && strcmp (control->next_check, self->expires) > 0)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "controls.nextCheck.after-expiry", next, NULL,
        _ ("The control would first be checked on %s, after the exemption has ended."),
        control->next_check);
}

static void
assess_evidence (LwAssessment *self, const LwControl *control, guint index)
{
  g_autofree char *path = g_strdup_printf ("controls[%u].evidence", index);

  if (control->evidence->len == 0)
    lw_assessment_add (self, LW_SEVERITY_WARNING, "controls.evidence.missing", path,
                       _ ("Add a file or a link: a rule, an alert, a runbook, a test."),
                       _ ("Nothing shows that the control is in place."));
  for (guint i = 0; i < control->evidence->len; i++)
    {
      const LwEvidence *evidence = g_ptr_array_index (control->evidence, i);
      g_autofree char *element = g_strdup_printf ("controls[%u].evidence[%u]", index, i);

      if (lw_text_is_blank (evidence->link) && lw_text_is_blank (evidence->sha256))
        lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.evidence.empty", element, NULL,
                           _ ("A piece of evidence is neither a file nor a link."));
      lw_assess_link (self, "controls.evidence.link", element, evidence->link);
    }
}

static void
assess_count (LwAssessment *self)
{
  guint count = self->request->controls->len;
  guint needed = lw_rules_min_controls (self->rules, self->request->category);

  if (count < needed)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.too-few", "controls",
                       _ ("Say what protects the resource while the policy does not."),
                       ngettext ("The rules ask for %u compensating control, but there are %u.",
                                 "The rules ask for %u compensating controls, but there are %u.",
                                 needed),
                       needed, count);
  if (lw_grant_leeway_length (self->request) > LW_LEEWAY_MAX)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "controls.too-many", "controls",
                       _ ("Join controls that belong together."),
                       _ ("There are more controls than the exemption’s metadata has room for."));
}

void
lw_assess_controls (LwAssessment *self)
{
  assess_count (self);
  for (guint i = 0; i < self->request->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (self->request->controls, i);

      assess_kind (self, control, i);
      assess_texts (self, control, i);
      assess_evidence (self, control, i);
      assess_check (self, control, i);
    }
}
