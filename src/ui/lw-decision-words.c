/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-words.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-widgets.h"

char *
lw_words_scope_name (LwHierarchy *hierarchy, const char *scope)
{
  LwScopeKind kind = scope ? lw_scope_kind (scope) : LW_SCOPE_OTHER;
  const char *name = NULL;

  if (!scope || !*scope)
    return g_strdup (_ ("no scope yet"));
  if (hierarchy && (kind == LW_SCOPE_SUBSCRIPTION || kind == LW_SCOPE_MANAGEMENT_GROUP))
    name = lw_hierarchy_display_name (hierarchy, scope);
  return name && *name ? g_strdup (name) : lw_arm_id_name (scope);
}

/* Words for the kinds of resources that AI platforms are made of; anything else is "the resource". */
static const struct
{
  const char *type;
  const char *phrase;
} resource_phrases[] = {
  { "Microsoft.CognitiveServices/accounts", N_ ("the AI service %s") },
  { "Microsoft.MachineLearningServices/workspaces", N_ ("the workspace %s") },
  { "Microsoft.Storage/storageAccounts", N_ ("the storage account %s") },
  { "Microsoft.KeyVault/vaults", N_ ("the key vault %s") },
  { "Microsoft.ContainerService/managedClusters", N_ ("the cluster %s") },
  { "Microsoft.ContainerRegistry/registries", N_ ("the registry %s") },
  { "Microsoft.Search/searchServices", N_ ("the search service %s") },
  { "Microsoft.Compute/virtualMachines", N_ ("the virtual machine %s") },
};

static const char *
resource_phrase (const char *scope)
{
  g_autofree char *type = lw_arm_id_resource_type (scope);

  for (guint i = 0; type && i < G_N_ELEMENTS (resource_phrases); i++)
    if (g_ascii_strcasecmp (type, resource_phrases[i].type) == 0)
      return _ (resource_phrases[i].phrase);
  return _ ("the resource %s");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

char *
lw_words_scope_phrase (LwHierarchy *hierarchy, const char *scope)
{
  g_autofree char *name = lw_words_scope_name (hierarchy, scope);

  switch (scope ? lw_scope_kind (scope) : LW_SCOPE_OTHER)
    {
    case LW_SCOPE_RESOURCE_GROUP:
      return g_strdup_printf (_ ("the resource group %s"), name);
    case LW_SCOPE_SUBSCRIPTION:
      return g_strdup_printf (_ ("the subscription %s"), name);
    case LW_SCOPE_MANAGEMENT_GROUP:
      return g_strdup_printf (_ ("the management group %s"), name);
    case LW_SCOPE_RESOURCE:
      return g_strdup_printf (resource_phrase (scope), name);
    case LW_SCOPE_OTHER:
    default:
      return g_steal_pointer (&name);
    }
}

#pragma GCC diagnostic pop

/* Grants whose @field (a function of the grant) differs, by lower-case key; keeps their order. */
static GPtrArray *
distinct (const LwRequest *request, const char *(*field) (const LwGrant *grant))
{
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  GPtrArray *values = g_ptr_array_new ();

  for (guint i = 0; i < request->grants->len; i++)
    {
      const char *value = field (g_ptr_array_index (request->grants, i));

      if (value && *value && g_hash_table_add (seen, (gpointer) value))
        g_ptr_array_add (values, (gpointer) value);
    }
  return values;
}

static const char *
grant_scope (const LwGrant *grant)
{
  return grant->scope;
}

static const char *
grant_assignment (const LwGrant *grant)
{
  return grant->assignment;
}

char *
lw_words_request_scope (LwHierarchy *hierarchy, const LwRequest *request, gboolean in_sentence)
{
  g_autoptr (GPtrArray) scopes = distinct (request, grant_scope);
  g_autofree char *first = NULL;

  if (scopes->len == 0)
    return g_strdup (_ ("no scope yet"));
  first = in_sentence ? lw_words_scope_phrase (hierarchy, g_ptr_array_index (scopes, 0))
                      : lw_words_scope_name (hierarchy, g_ptr_array_index (scopes, 0));
  if (scopes->len == 1)
    return g_steal_pointer (&first);
  /* Translators: the name of a scope, then how many more there are */
  return g_strdup_printf (
      ngettext ("%s and %u other scope", "%s and %u other scopes", scopes->len - 1), first,
      scopes->len - 1);
}

static gboolean
is_initiative (const LwGrant *grant)
{
  return grant->policy && grant->policy->definition &&
         lw_arm_id_split (grant->policy->definition, LW_SET_DEFINITIONS_TYPE, NULL, NULL);
}

char *
lw_words_grant_policy (const LwGrant *grant)
{
  g_autofree char *id_name = lw_arm_id_name (grant->assignment ? grant->assignment : "");
  const char *name = grant->policy_name && *grant->policy_name ? grant->policy_name : id_name;

  if (!*name)
    return g_strdup (_ ("no policy yet"));
  if (grant->references->len > 0)
    return g_strdup_printf (
        ngettext ("%u definition of “%s”", "%u definitions of “%s”", grant->references->len),
        grant->references->len, name);
  if (is_initiative (grant))
    return g_strdup_printf (_ ("all of “%s”"), name);
  /* Translators: the name of a policy */
  return g_strdup_printf (_ ("“%s”"), name);
}

char *
lw_words_request_policy (const LwRequest *request)
{
  g_autoptr (GPtrArray) assignments = distinct (request, grant_assignment);
  const LwGrant *first;

  if (request->grants->len == 0)
    return g_strdup (_ ("no policy yet"));
  first = g_ptr_array_index (request->grants, 0);
  if (assignments->len <= 1)
    return lw_words_grant_policy (first);
  return g_strdup_printf (ngettext ("%u policy", "%u policies", assignments->len),
                          assignments->len);
}

char *
lw_words_day (const char *text)
{
  g_autoptr (GDateTime) instant = NULL;
  g_autoptr (GDateTime) noon = NULL;

  if (!text || !*text)
    return g_strdup (_ ("no date yet"));
  if (lw_day_is_valid (text))
    {
      /* A day is the same day everywhere: no time zone may move it. */
      g_autofree char *iso = g_strconcat (text, "T12:00:00", NULL);
      g_autoptr (GTimeZone) local = g_time_zone_new_local ();

      noon = g_date_time_new_from_iso8601 (iso, local);
      return noon ? lw_date_day (noon) : g_strdup (text);
    }
  instant = lw_instant_parse (text, NULL);
  return instant ? lw_date_day (instant) : g_strdup (text);
}

char *
lw_words_sentence (LwHierarchy *hierarchy, const LwRequest *request)
{
  g_autofree char *scope = lw_words_request_scope (hierarchy, request, TRUE);
  g_autofree char *policy = lw_words_request_policy (request);
  g_autofree char *day = NULL;

  if (!request->expires || !*request->expires)
    /* Translators: a scope, then a policy */
    return g_strdup_printf (_ ("Let %s skip %s, with no end yet."), scope, policy);
  day = lw_words_day (request->expires);
  /* Translators: a scope, a policy, a day: "Let the resource group rg-eval skip 2 definitions of
   * the baseline until 31 January 2027." */
  return g_strdup_printf (_ ("Let %s skip %s until %s."), scope, policy, day);
}

char *
lw_words_ends (const LwRequest *request, LwRules *rules, GDateTime *now, gboolean *too_long)
{
  g_autoptr (GDateTime) expires =
      request->expires ? lw_instant_parse (request->expires, NULL) : NULL;
  guint allowed = rules ? lw_rules_max_days_for (rules, request) : 0;
  g_autofree char *relative = NULL;
  g_autofree char *first = NULL;

  *too_long = FALSE;
  if (!expires)
    return g_strdup (_ ("It has to end"));
  relative = lw_date_relative (expires, now);
  if (g_date_time_compare (expires, now) <= 0)
    return g_strdup_printf (_ ("Ended %s"), relative);
  first = g_utf8_strup (relative, g_utf8_next_char (relative) - relative);
  *too_long =
      allowed > 0 && g_date_time_difference (expires, now) > (gint64) allowed * G_TIME_SPAN_DAY;
  if (allowed == 0)
    return g_strconcat (first, g_utf8_next_char (relative), NULL);
  /* Translators: "In" + " 68 days", then how many days the organisation's rules allow */
  return g_strdup_printf (_ ("%s%s, rules allow %u"), first, g_utf8_next_char (relative), allowed);
}

const char *
lw_words_phase (LwPhase phase, const char **style)
{
  static const struct
  {
    const char *word;
    const char *style;
  } words[] = {
    [LW_PHASE_NEW] = { N_ ("Draft"), "neutral" },
    [LW_PHASE_PENDING] = { N_ ("In Review"), "accent" },
    [LW_PHASE_CHANGES_REQUESTED] = { N_ ("Changes Requested"), "warning" },
    [LW_PHASE_REJECTED] = { N_ ("Rejected"), "error" },
    [LW_PHASE_WITHDRAWN] = { N_ ("Withdrawn"), "neutral" },
    [LW_PHASE_APPROVED] = { N_ ("Approved"), "success" },
    [LW_PHASE_APPLYING] = { N_ ("Being Applied"), "accent" },
    [LW_PHASE_PARTLY_APPLIED] = { N_ ("Partly Applied"), "warning" },
    [LW_PHASE_APPLY_FAILED] = { N_ ("Not Applied"), "error" },
    [LW_PHASE_APPLIED] = { N_ ("In Azure"), "success" },
    [LW_PHASE_RETIRING] = { N_ ("Being Retired"), "accent" },
    [LW_PHASE_RETIRED] = { N_ ("Retired"), "neutral" },
  };
  guint i = (guint) phase < G_N_ELEMENTS (words) ? phase : LW_PHASE_NEW;

  if (style)
    *style = words[i].style;
  return _ (words[i].word);
}

const char *
lw_words_risk (LwRisk risk, const char **style)
{
  if (style)
    *style = risk == LW_RISK_HIGH ? "error" : risk == LW_RISK_MEDIUM ? "warning" : "neutral";
  return lw_words_risk_heading (risk);
}

const char *
lw_words_risk_heading (LwRisk risk)
{
  return risk == LW_RISK_HIGH     ? _ ("High Risk")
         : risk == LW_RISK_MEDIUM ? _ ("Medium Risk")
                                  : _ ("Low Risk");
}

char *
lw_words_risk_reasons (LwRiskReasons reasons)
{
  static const struct
  {
    LwRiskReasons reason;
    const char *words;
  } words[] = {
    { LW_RISK_BLOCKERS, N_ ("Assessment finds something that must not be.") },
    { LW_RISK_MANAGEMENT_GROUP, N_ ("It reaches a whole management group.") },
    { LW_RISK_SUBSCRIPTION, N_ ("It reaches a whole subscription.") },
    { LW_RISK_INITIATIVE, N_ ("It skips all definitions of an initiative.") },
    { LW_RISK_RESOURCE_GROUP, N_ ("It reaches a whole resource group.") },
    { LW_RISK_WARNINGS, N_ ("Assessment has warnings.") },
    { LW_RISK_LONG, N_ ("It ends more than 90 days from now.") },
  };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (reasons & words[i].reason)
      g_string_append_printf (text, "%s%s", text->len ? " " : "", _ (words[i].words));
  if (text->len == 0)
    g_string_append (text, _ ("It reaches single resources for a short while."));
  return g_string_free (text, FALSE);
}

const char *
lw_words_category (const char *category)
{
  if (g_strcmp0 (category, "Waiver") == 0)
    return _ ("Waiver");
  if (g_strcmp0 (category, "Mitigated") == 0)
    return _ ("Mitigated");
  return category && *category ? category : _ ("No Category");
}

const char *
lw_words_person (const LwPerson *person)
{
  if (!person)
    return _ ("Nobody");
  if (person->name && *person->name)
    return person->name;
  if (person->upn && *person->upn)
    return person->upn;
  return person->id && *person->id ? person->id : _ ("Somebody");
}

char *
lw_words_event (const LwEvent *event)
{
  const char *who = lw_words_person (event->by);

  switch (event->kind)
    {
    case LW_EVENT_SUBMITTED:
      return g_strdup_printf (_ ("%s submitted revision %d"), who,
                              (int) lw_json_get_int (event->body, "revision", 1));
    case LW_EVENT_WITHDRAWN:
      return g_strdup_printf (_ ("%s withdrew it"), who);
    case LW_EVENT_CHANGES_REQUESTED:
      return g_strdup_printf (_ ("%s requested changes"), who);
    case LW_EVENT_REJECTED:
      return g_strdup_printf (_ ("%s rejected it"), who);
    case LW_EVENT_APPROVED:
      return g_strdup_printf (_ ("%s approved it"), who);
    case LW_EVENT_APPLYING:
      return g_strdup_printf (_ ("%s began to create it in Azure"), who);
    case LW_EVENT_APPLIED:
      return g_strdup_printf (_ ("%s created it in Azure"), who);
    case LW_EVENT_APPLY_FAILED:
      return g_strdup_printf (_ ("Azure refused it to %s"), who);
    case LW_EVENT_RETIRING:
      return g_strdup_printf (_ ("%s began to retire it"), who);
    case LW_EVENT_RETIRED:
      return g_strdup_printf (_ ("%s retired it"), who);
    case LW_EVENT_RESTORED:
      return g_strdup_printf (_ ("%s restored it"), who);
    case LW_EVENT_CONTROL_CHECKED:
      return g_strdup_printf (_ ("%s checked a control"), who);
    case LW_EVENT_COMMENTED:
      return g_strdup_printf (_ ("%s commented"), who);
    case LW_EVENT_UNKNOWN:
    default:
      return g_strdup_printf (_ ("%s wrote an entry of a kind that this version does not know: %s"),
                              who, event->kind_name ? event->kind_name : "");
    }
}

const char *
lw_words_event_comment (const LwEvent *event)
{
  const char *text = lw_json_get_string (event->body, "comment");

  if (!text || !*text)
    text = lw_json_get_string (event->body, "text");
  return text && *text ? text : NULL;
}

static void
add_change (GPtrArray *changes, const char *sentence, const char *before, const char *after)
{
  if (g_strcmp0 (before, after) != 0)
    g_ptr_array_add (changes, g_strdup (sentence));
}

static gboolean
has_scope (const LwRequest *request, const char *scope)
{
  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);

      if (grant->scope && lw_arm_id_equal (grant->scope, scope))
        return TRUE;
    }
  return FALSE;
}

static void
add_scopes (GPtrArray *changes,
            LwHierarchy *hierarchy,
            const LwRequest *from,
            const LwRequest *to,
            gboolean added)
{
  g_autoptr (GPtrArray) scopes = distinct (to, grant_scope);

  for (guint i = 0; i < scopes->len; i++)
    {
      const char *scope = g_ptr_array_index (scopes, i);
      g_autofree char *phrase = NULL;

      if (has_scope (from, scope))
        continue;
      phrase = lw_words_scope_phrase (hierarchy, scope);
      g_ptr_array_add (changes, added ? g_strdup_printf (_ ("Adds %s"), phrase)
                                      : g_strdup_printf (_ ("Leaves out %s"), phrase));
    }
}

GPtrArray *
lw_words_changes (LwHierarchy *hierarchy, const LwRequest *previous, const LwRequest *request)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *policy_before = lw_words_request_policy (previous);
  g_autofree char *policy_after = lw_words_request_policy (request);
  g_autofree char *day_before = lw_words_day (previous->expires);
  g_autofree char *day_after = lw_words_day (request->expires);

  add_scopes (changes, hierarchy, previous, request, TRUE);
  add_scopes (changes, hierarchy, request, previous, FALSE);
  if (g_strcmp0 (policy_before, policy_after) != 0)
    g_ptr_array_add (changes,
                     g_strdup_printf (_ ("Skips %s instead of %s"), policy_after, policy_before));
  if (g_strcmp0 (previous->expires, request->expires) != 0)
    g_ptr_array_add (changes,
                     g_strdup_printf (_ ("Ends on %s instead of %s"), day_after, day_before));
  if (g_strcmp0 (previous->category, request->category) != 0)
    g_ptr_array_add (changes, g_strdup_printf (_ ("Is called %s instead of %s"),
                                               lw_words_category (request->category),
                                               lw_words_category (previous->category)));
  if ((previous->owner || request->owner) &&
      (!previous->owner || !request->owner || !lw_person_equal (previous->owner, request->owner)))
    g_ptr_array_add (changes, g_strdup_printf (_ ("%s owns it instead of %s"),
                                               lw_words_person (request->owner),
                                               lw_words_person (previous->owner)));
  if (previous->controls->len != request->controls->len)
    g_ptr_array_add (changes, g_strdup_printf (ngettext ("Has %u control instead of %u",
                                                         "Has %u controls instead of %u",
                                                         request->controls->len),
                                               request->controls->len, previous->controls->len));
  add_change (changes, _ ("Has another title"), previous->title, request->title);
  return changes;
}
