/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-rules-verbs.h"
#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

gboolean
lw_may_set_rules (LwSession *self)
{
  LwLedger *ledger;
  const LwPerson *person;

  g_return_val_if_fail (LW_IS_SESSION (self), FALSE);

  ledger = lw_session_get_ledger (self);
  person = lw_session_get_person (self);

  return ledger && person &&
         (lw_ledger_get_rules_last_seq (ledger) == 0 ||
          lw_rules_is_administrator (lw_ledger_get_rules (ledger), person->id));
}

DexFuture *
lw_set_rules (LwSession *self, guint expected_seq, LwRules *rules)
{
  LwLedger *ledger;
  g_autoptr (GDateTime) now = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  const LwFinding *worst;

  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (rules != NULL, NULL);

  if (!lw_session_is_open (self))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  ledger = lw_session_get_ledger (self);
  now = lw_session_now (self);
  findings = lw_rules_check (rules, expected_seq > 0 ? lw_ledger_get_rules (ledger) : NULL,
                             lw_session_get_person (self));
  worst = findings->len ? g_ptr_array_index (findings, 0) : NULL;
  if (worst && worst->severity == LW_SEVERITY_BLOCKER)
    return dex_future_new_reject (LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, "%s",
                                  worst->message);

  return lw_ledger_append_rules (ledger, expected_seq, rules, lw_session_get_person (self),
                                 lw_session_get_tenant_id (self), now);
}

/* What the rules would come to for one request. */
typedef struct
{
  guint waiting;
  guint stuck; /* decided by rules that name nobody for it */
  guint more;  /* would need more approvals */
  guint fewer;
  guint longer; /* would last longer than these rules allow */
  guint nobody; /* nobody could decide it */
} Effects;

static gboolean
is_too_long (LwRules *rules, LwCase *value)
{
  g_autoptr (GDateTime) expires = lw_instant_parse (value->content->expires, NULL);
  guint days = lw_rules_max_days_for (rules, value->content);

  return expires && value->submitted && days > 0 &&
         g_date_time_difference (expires, value->submitted) > (gint64) days * G_TIME_SPAN_DAY;
}

static void
add_case (Effects *effects, LwSession *session, LwRules *rules, LwCase *value)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (session);
  guint now = lw_rules_approvals_needed (value->rules, value->content);
  guint then = lw_rules_approvals_needed (rules, value->content);
  g_autoptr (GPtrArray) people =
      lw_rules_independent_approvers (value->rules, value->content, hierarchy);
  g_autoptr (GPtrArray) new_people =
      lw_rules_independent_approvers (rules, value->content, hierarchy);

  effects->waiting++;
  effects->stuck +=
      people->len < now && lw_rules_knows_approvers (value->rules, value->content, hierarchy);
  effects->more += then > now;
  effects->fewer += then < now;
  effects->longer += is_too_long (rules, value);
  effects->nobody +=
      new_people->len < then && lw_rules_knows_approvers (rules, value->content, hierarchy);
}

static void
say (GPtrArray *out, const char *one, const char *many, guint n)
{
  if (n > 0)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_ptr_array_add (out, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, one, many, n), n));
#pragma GCC diagnostic pop
    }
}

GPtrArray *
lw_rules_effects (LwSession *self, LwRules *rules, GPtrArray *cases)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  Effects effects = { 0 };

  g_return_val_if_fail (LW_IS_SESSION (self), out);

  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);

      if (value->content &&
          (value->phase == LW_PHASE_PENDING || value->phase == LW_PHASE_CHANGES_REQUESTED))
        add_case (&effects, self, rules, value);
    }

  say (out, N_ ("%u request waits; it is decided by the rules it was submitted under."),
       N_ ("%u requests wait; they are decided by the rules they were submitted under."),
       effects.waiting);
  say (out,
       N_ ("%u pending request cannot be decided as it is, since its rules name too few people: "
           "it must be submitted again."),
       N_ ("%u pending requests cannot be decided as they are, since their rules name too few "
           "people: they must be submitted again."),
       effects.stuck);
  say (out, N_ ("%u pending request will need more approvals if it is submitted again."),
       N_ ("%u pending requests will need more approvals if they are submitted again."),
       effects.more);
  say (out, N_ ("%u pending request will need fewer approvals if it is submitted again."),
       N_ ("%u pending requests will need fewer approvals if they are submitted again."),
       effects.fewer);
  say (out, N_ ("%u pending request lasts longer than these rules allow."),
       N_ ("%u pending requests last longer than these rules allow."), effects.longer);
  say (out, N_ ("%u pending request could not be decided under these rules."),
       N_ ("%u pending requests could not be decided under these rules."), effects.nobody);

  return out;
}
