/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"

/* The steps of the guided form, in its order. */
enum
{
  STEP_POLICY,
  STEP_SCOPE,
  STEP_REASON,
  STEP_OWNER,
  STEP_CONTROLS,
};

static const struct
{
  const char *group;
  guint step;
} groups[] = {
  { "policy.", STEP_POLICY },         { "scope.", STEP_SCOPE },
  { "reason.", STEP_REASON },         { "request.ticket", STEP_OWNER },
  { "request.category", STEP_OWNER }, { "request.evidence", STEP_CONTROLS },
  { "request.", STEP_POLICY },        { "owner.", STEP_OWNER },
  { "expiry.", STEP_OWNER },          { "controls.", STEP_CONTROLS },
};

guint
lw_finding_step (const LwFinding *finding)
{
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (g_str_has_prefix (finding->id, groups[i].group))
      return groups[i].step;
  return STEP_POLICY;
}

void
lw_assessment_add (LwAssessment *self,
                   LwSeverity severity,
                   const char *id,
                   const char *field,
                   const char *hint,
                   const char *format,
                   ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->findings, lw_finding_new (id, severity, field, message, hint));
}

static void
assess_identity (LwAssessment *self)
{
  const LwRequest *request = self->request;

  if (!lw_uuid_is_valid (request->id))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "request.id.invalid", "id",
                       _ ("Leave it to Leeway: copy the request into a new one."),
                       _ ("The request’s id is no UUID."));
  if (request->requester == NULL || lw_text_is_blank (request->requester->id))
    lw_assessment_add (self, LW_SEVERITY_ADVICE, "request.requester.missing", "requester", NULL,
                       _ ("Whoever submits the request becomes its requester."));
}

static void
assess_category (LwAssessment *self)
{
  const char *category = self->request->category;
  g_autofree char *shown = lw_excerpt (category, 40);
  const char *hint =
      _ ("“Waiver” accepts the risk for a while; “Mitigated” means that the policy’s "
         "intent is met in another way.");

  if (lw_text_is_blank (category))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "request.category.missing", "category", hint,
                       _ ("The category is missing."));
  else if (strcmp (category, "Waiver") != 0 && strcmp (category, "Mitigated") != 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "request.category.unknown", "category", hint,
                       _ ("“%s” is no category of Azure Policy."), shown);
}

static void
assess_renewal (LwAssessment *self)
{
  const LwRequest *request = self->request;
  gboolean renews = !lw_text_is_blank (request->renews_request);

  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);

      renews |= !lw_text_is_blank (grant->renews);
    }
  lw_assess_text (self, "renews.whatChanged", "renews.whatChanged", request->renews_what_changed,
                  renews);
  if (renews && request->emergency)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "request.emergency.renewal", "emergency",
                       _ ("Ask for an exemption that is reviewed in the ordinary way."),
                       _ ("An emergency exemption cannot be renewed."));
}

static void
assess_evidence (LwAssessment *self)
{
  for (guint i = 0; i < self->request->evidence->len; i++)
    {
      const LwEvidence *evidence = g_ptr_array_index (self->request->evidence, i);
      g_autofree char *path = g_strdup_printf ("evidence[%u]", i);

      if (lw_text_is_blank (evidence->link) && lw_text_is_blank (evidence->sha256))
        lw_assessment_add (self, LW_SEVERITY_BLOCKER, "request.evidence.empty", path, NULL,
                           _ ("A piece of evidence is neither a file nor a link."));
      lw_assess_link (self, "request.evidence.link", path, evidence->link);
    }
}

static void
assess_request (LwAssessment *self)
{
  assess_identity (self);
  lw_assess_text (self, "title", "title", self->request->title, TRUE);
  assess_category (self);
  if (!lw_assess_text (self, "ticket", "ticket", self->request->ticket, FALSE))
    lw_assessment_add (self, LW_SEVERITY_ADVICE, "request.ticket.missing", "ticket", NULL,
                       _ ("No ticket is named; one helps others to find the discussion."));
  assess_renewal (self);
  assess_evidence (self);
}

/* Keeps the order of findings that compare equal. */
static GPtrArray *
sorted (GPtrArray *findings)
{
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_finding_free);

  for (guint severity = LW_SEVERITY_BLOCKER; severity <= LW_SEVERITY_ADVICE; severity++)
    for (guint step = STEP_POLICY; step <= STEP_CONTROLS; step++)
      for (guint i = 0; i < findings->len; i++)
        {
          LwFinding *finding = g_ptr_array_index (findings, i);

          if (finding->severity == severity && lw_finding_step (finding) == step)
            g_ptr_array_add (result, finding);
        }
  g_ptr_array_set_free_func (findings, NULL);
  return result;
}

static GPtrArray *
normalized_phrases (LwRules *rules)
{
  const char *const *phrases = lw_rules_vague_phrases (rules);
  GPtrArray *result = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; phrases[i] != NULL; i++)
    g_ptr_array_add (result, lw_text_normalize (phrases[i]));
  return result;
}

GPtrArray *
lw_assess (const LwRequest *request, const LwAssessContext *context)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (LwRules) rules = NULL;
  g_autoptr (GPtrArray) phrases = NULL;
  g_autoptr (GDateTime) expires = NULL;
  g_autofree char *now = NULL;
  g_autofree char *expires_text = NULL;
  LwAssessment self = { .request = request, .context = context };

  g_return_val_if_fail (request != NULL, NULL);
  g_return_val_if_fail (context != NULL && context->now != NULL, NULL);

  findings = g_ptr_array_new ();
  rules = context->rules != NULL ? lw_rules_ref (context->rules) : lw_rules_new_default ();
  now = lw_instant_format (context->now);
  now[10] = '\0';
  expires = lw_text_is_blank (request->expires) ? NULL : lw_instant_parse (request->expires, NULL);
  if (expires != NULL)
    {
      expires_text = lw_instant_format (expires);
      expires_text[10] = '\0';
    }
  phrases = normalized_phrases (rules);
  self.rules = rules;
  self.phrases = phrases;
  self.today = now;
  self.expires = expires_text;
  self.findings = findings;

  lw_assess_policies (&self);
  lw_assess_grants (&self);
  assess_request (&self);
  lw_assess_reason (&self);
  lw_assess_owner (&self);
  lw_assess_expiry (&self);
  lw_assess_controls (&self);
  return sorted (findings);
}

gboolean
lw_findings_submittable (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity == LW_SEVERITY_BLOCKER)
        return FALSE;
    }
  return TRUE;
}
