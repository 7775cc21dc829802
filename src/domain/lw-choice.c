/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-choice.h"
#include "lw-domain-error.h"
#include "lw-json.h"

/* From how many on a policy rather than a resource is at fault. */
#define MANY_EXEMPTIONS 10
/* Fewer resources than that show no pattern. */
#define A_PATTERN  5
#define A_MAJORITY 20
/* After so many renewals it was not temporary. */
#define MANY_RENEWALS 3

const char *
lw_choice_kind_to_string (LwChoiceKind kind)
{
  static const char *const names[] = { "nothing", "fix",       "policy",    "doNotEnforce",
                                       "enroll",  "selectors", "exclusion", "exemption" };

  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (names), "exemption");

  return names[kind];
}

const char *
lw_verdict_to_string (LwVerdict verdict)
{
  return verdict == LW_VERDICT_BEST       ? "best"
         : verdict == LW_VERDICT_POSSIBLE ? "possible"
                                          : "unfit";
}

static gboolean
is (const char *text, const char *word)
{
  return text != NULL && g_ascii_strcasecmp (text, word) == 0;
}

/* A verdict with its reason; BEST says that it serves better than an exemption. */
static LwVerdict
judge (char **why, LwVerdict verdict, const char *text)
{
  *why = g_strdup (text);
  return verdict;
}

G_GNUC_PRINTF (3, 4)
static LwVerdict
judge_with (char **why, LwVerdict verdict, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  *why = g_strdup_vprintf (format, args);
  va_end (args);
  return verdict;
}

/* --- each of them ------------------------------------------------------------------------------- */

static LwVerdict
judge_nothing (const LwChoiceFacts *facts, char **why)
{
  if (facts->needed == 0)
    return judge (
        why, LW_VERDICT_BEST,
        _ ("Nothing needs an exemption: it lies outside the assignment, is excluded, or is "
           "covered already."));
  if (is (facts->effect, "disabled"))
    return judge (why, LW_VERDICT_BEST,
                  _ ("The policy is switched off here, so nothing is in the way."));
  if (is (facts->enforcement_mode, "DoNotEnforce"))
    return judge (
        why, LW_VERDICT_BEST,
        _ ("The assignment is not enforced, so nothing is denied. An exemption would only take "
           "it out of the compliance figures."));
  if (is (facts->enforcement_mode, "Enroll"))
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("The assignment is enforced only where a scope is enrolled. If this one is not, "
           "nothing is in the way."));
  if (is (facts->effect, "audit") || is (facts->effect, "auditIfNotExists"))
    return judge (why, LW_VERDICT_POSSIBLE,
                  _ ("The policy only reports. What is reported can wait for its fix without an "
                     "exemption."));
  return judge (why, LW_VERDICT_UNFIT, _ ("The policy is enforced and stands in the way."));
}

static LwVerdict
judge_fix (const LwChoiceFacts *facts, char **why)
{
  if (facts->needed == 0)
    return judge (why, LW_VERDICT_UNFIT, _ ("There is nothing to fix."));
  if (facts->fix_known && facts->needed <= A_PATTERN)
    return judge (
        why, LW_VERDICT_BEST,
        _ ("Azure says what it takes to comply, and few resources are concerned. Where that is "
           "possible at all, it is less work than an exemption and its review."));
  if (is (facts->effect, "audit") || is (facts->effect, "auditIfNotExists"))
    return judge (why, LW_VERDICT_BEST,
                  _ ("The policy only reports, so there is time to fix it while work goes on."));
  if (is (facts->effect, "modify") || is (facts->effect, "append") ||
      is (facts->effect, "deployIfNotExists"))
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("The policy denies nothing; it changes or adds something. Letting it do so may cost "
           "less than an exemption."));
  if (facts->absent > 0)
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("What is needed does not exist yet, and nothing is easier to change than that."));
  return judge (why, LW_VERDICT_POSSIBLE,
                _ ("If the resource can be made to comply in time, nothing has to be reviewed or "
                   "renewed."));
}

static LwVerdict
judge_policy (const LwChoiceFacts *facts, char **why)
{
  if (facts->exemptions >= MANY_EXEMPTIONS)
    return judge_with (
        why, LW_VERDICT_BEST,
        ngettext ("There is %d other exemption from the same policy. That many say that "
                  "the policy is wrong, not the resources; ask for it to be changed.",
                  "There are %d other exemptions from the same policies. That many say "
                  "that the policy is wrong, not the resources; ask for it to be "
                  "changed.",
                  (gulong) facts->exemptions),
        facts->exemptions);
  if (facts->renewals >= MANY_RENEWALS)
    return judge_with (why, LW_VERDICT_POSSIBLE,
                       ngettext ("This was renewed %d time. What does not end is no exemption; a "
                                 "parameter or an override may say so once and for all.",
                                 "This was renewed %d times. What does not end is no exemption; a "
                                 "parameter or an override may say so once and for all.",
                                 (gulong) facts->renewals),
                       facts->renewals);
  return judge (why, facts->needed == 0 ? LW_VERDICT_UNFIT : LW_VERDICT_POSSIBLE,
                _ ("A parameter of the assignment, or an override of the effect for some types or "
                   "locations, may do. Nothing shows that others have the same trouble."));
}

static gboolean
most_fail (const LwChoiceFacts *facts)
{
  return facts->evaluated >= A_MAJORITY && facts->failing >= 0 &&
         2 * facts->failing > facts->evaluated;
}

static LwVerdict
judge_do_not_enforce (const LwChoiceFacts *facts, char **why)
{
  if (is (facts->enforcement_mode, "DoNotEnforce"))
    return judge (why, LW_VERDICT_UNFIT, _ ("The assignment is not enforced already."));
  if (facts->needed > 0 && most_fail (facts))
    return judge_with (
        why, LW_VERDICT_BEST,
        _ ("%d of the %d resources that the policy looks at fail it. It is not ready to be "
           "enforced: with DoNotEnforce it reports while they are fixed."),
        facts->failing, facts->evaluated);
  return judge (why, LW_VERDICT_UNFIT,
                _ ("It would let off everything below the assignment, for the sake of little."));
}

static LwVerdict
judge_enroll (const LwChoiceFacts *facts, char **why)
{
  if (is (facts->enforcement_mode, "Enroll"))
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("Enforcement is by enrollment here. Ending or narrowing the enrollment does the same "
           "as an exemption."));
  if (facts->needed > 0 && most_fail (facts))
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("Where only some are ready, enforcing the policy where they are enrolled spares the "
           "others an exemption each."));
  return judge (why, LW_VERDICT_UNFIT,
                _ ("Nothing shows that most of what the policy looks at fails it."));
}

static LwVerdict
judge_selectors (const LwChoiceFacts *facts, char **why)
{
  if (facts->needed >= A_PATTERN && (facts->whole_types || facts->whole_places))
    return judge (
        why, LW_VERDICT_BEST,
        facts->whole_types
            ? _ ("Everything of these types below the assignment needs this, and nothing else "
                 "does: the policy does not fit them. Selectors on the assignment, or an "
                 "override by type, say so once.")
            : _ ("Everything in these locations below the assignment needs this, and nothing "
                 "else does. Selectors on the assignment, or an override by location, say so "
                 "once."));
  return judge (
      why, LW_VERDICT_UNFIT,
      _ ("What needs it is told apart from the rest neither by its type nor by its location."));
}

static LwVerdict
judge_exclusion (const LwChoiceFacts *facts, char **why)
{
  if (facts->needed > 0 && facts->not_scopes >= LW_MAX_NOT_SCOPES)
    return judge_with (why, LW_VERDICT_UNFIT,
                       _ ("The assignment has the %d exclusions that Azure allows."),
                       LW_MAX_NOT_SCOPES);
  if (facts->bare > 0 && facts->whole_scopes)
    return judge (
        why, LW_VERDICT_BEST,
        _ ("What needs it can carry no exemption, and shares its scope with nothing else. An "
           "exclusion says that the assignment does not apply there. It has no end and is not "
           "counted, so write down who looks at it again."));
  if (facts->whole_scopes && (facts->endless || facts->renewals >= MANY_RENEWALS))
    return judge (
        why, LW_VERDICT_BEST,
        _ ("All there is in the scope needs all of the assignment, for good. An exclusion says "
           "just that; it is neither evaluated nor counted as an exemption."));
  if (facts->bare > 0)
    return judge (
        why, LW_VERDICT_POSSIBLE,
        _ ("What needs it can carry no exemption. Excluding the resource leaves out less than "
           "exempting all that lies around it."));
  return judge (
      why, LW_VERDICT_UNFIT,
      facts->initiative
          ? _ ("It would take the scope out of every policy of the initiative, and has no end "
               "and no owner.")
          : _ ("It has no end and no owner, and nobody sees what it hides."));
}

static LwVerdict
judge_exemption (const LwChoiceFacts *facts, char **why)
{
  if (facts->needed == 0)
    return judge (why, LW_VERDICT_UNFIT, _ ("There is nothing to exempt."));
  if (!facts->carried)
    return judge (why, LW_VERDICT_UNFIT, _ ("No scope around it can carry an exemption."));
  return judge (why, LW_VERDICT_POSSIBLE,
                _ ("It is narrow, has an owner and an end, and is reviewed."));
}

/* --- the choice --------------------------------------------------------------------------------- */

static void
choice_free (gpointer data)
{
  LwChoice *self = data;

  g_free (self->why);
  g_free (self);
}

static int
compare_choices (gconstpointer a, gconstpointer b)
{
  const LwChoice *x = *(LwChoice *const *) a;
  const LwChoice *y = *(LwChoice *const *) b;

  if (x->verdict != y->verdict)
    return (int) y->verdict - (int) x->verdict;
  return (int) x->kind - (int) y->kind;
}

GPtrArray *
lw_choose (const LwChoiceFacts *facts)
{
  static LwVerdict (*const judges[]) (const LwChoiceFacts *facts, char **why) = {
    judge_nothing, judge_fix,       judge_policy,    judge_do_not_enforce,
    judge_enroll,  judge_selectors, judge_exclusion, judge_exemption,
  };
  GPtrArray *choices = g_ptr_array_new_with_free_func (choice_free);
  LwChoice *best = NULL;

  g_return_val_if_fail (facts != NULL, choices);

  for (guint i = 0; i < G_N_ELEMENTS (judges); i++)
    {
      LwChoice *choice = g_new0 (LwChoice, 1);

      choice->kind = (LwChoiceKind) i;
      choice->verdict = judges[i](facts, &choice->why);
      /* The kinds stand in the order of what they leave behind. */
      if (best != NULL && choice->verdict == LW_VERDICT_BEST)
        choice->verdict = LW_VERDICT_POSSIBLE;
      if (choice->verdict == LW_VERDICT_BEST ||
          (choice->kind == LW_CHOICE_EXEMPTION && best == NULL &&
           choice->verdict > LW_VERDICT_UNFIT))
        best = choice;
      g_ptr_array_add (choices, choice);
    }
  /* What can carry no exemption has to be excluded, or fixed. */
  for (guint i = 0; best == NULL; i++)
    if (((LwChoice *) choices->pdata[i])->kind == LW_CHOICE_FIX)
      best = choices->pdata[i];
  best->verdict = LW_VERDICT_BEST;
  g_ptr_array_sort (choices, compare_choices);
  return choices;
}

/* --- JSON --------------------------------------------------------------------------------------- */

JsonNode *
lw_choices_to_json (GPtrArray *choices)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < choices->len; i++)
    {
      const LwChoice *choice = choices->pdata[i];
      JsonObject *entry = json_object_new ();

      if (i == 0)
        json_object_set_string_member (object, "best", lw_choice_kind_to_string (choice->kind));
      json_object_set_string_member (entry, "choice", lw_choice_kind_to_string (choice->kind));
      json_object_set_string_member (entry, "verdict", lw_verdict_to_string (choice->verdict));
      json_object_set_string_member (entry, "why", choice->why);
      json_array_add_object_element (array, entry);
    }
  json_object_set_array_member (object, "choices", array);
  json_node_take_object (node, object);
  return node;
}

static gboolean
read_number (JsonObject *object, const char *member, int *number, GError **error)
{
  gint64 value;

  if (!json_object_has_member (object, member))
    return TRUE;
  value = lw_json_get_int (object, member, -1);
  if (value < 0 || value > G_MAXINT / 4)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("“facts.%s” must be a number that is not negative"), member);
      return FALSE;
    }
  *number = (int) value;
  return TRUE;
}

gboolean
lw_choice_facts_from_json (LwChoiceFacts *facts, JsonObject *object, GError **error)
{
  if (object == NULL)
    return TRUE;
  facts->effect = lw_json_get_string (object, "effect");
  facts->endless = lw_json_get_boolean (object, "endless", FALSE);
  facts->fix_known = lw_json_get_boolean (object, "fixKnown", FALSE);
  return read_number (object, "renewals", &facts->renewals, error) &&
         read_number (object, "exemptions", &facts->exemptions, error) &&
         read_number (object, "failing", &facts->failing, error);
}
