/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said about texts that give no reason. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-reason-judge.h"
#include "lw-source-private.h"

#define MAX_WORDS 60 /* characters of what is quoted */

void
lw_reason_note_free (LwReasonNote *self)
{
  g_free (self->words);
  g_free (self);
}

const char *
lw_reason_kind_to_string (LwReasonKind kind)
{
  static const char *const names[] = {
    [LW_REASON_PLACEHOLDER] = "placeholder",
    [LW_REASON_TICKET] = "ticket-only",
    [LW_REASON_ERROR] = "error-only",
    [LW_REASON_POLICY_NAME] = "policy-name",
    [LW_REASON_NO_BLOCKER] = "no-blocker",
    [LW_REASON_URGENCY] = "urgency",
    [LW_REASON_BLAME] = "blame",
    [LW_REASON_LATER] = "later",
    [LW_REASON_EFFORT] = "effort",
    [LW_REASON_NO_END] = "no-end",
    [LW_REASON_HOLLOW] = "hollow",
    [LW_REASON_SHOUTING] = "shouting",
  };

  return names[kind];
}

static char *
describe_words (LwReasonKind kind, const char *label, const char *words)
{
  switch (kind)
    {
    case LW_REASON_URGENCY:
      return g_strdup_printf (
          /* Translators: the first %s is a field of the form, the second words found in it. */
          _ ("“%s” says “%s”, but haste is no cause. Say what happens, and when."), label, words);
    case LW_REASON_BLAME:
      return g_strdup_printf (
          /* Translators: the first %s is a field of the form, the second words found in it. */
          _ ("“%s” says “%s”, but whose fault it is gives no cause. Say what does not work."),
          label, words);
    case LW_REASON_LATER:
      return g_strdup_printf (
          /* Translators: the first %s is a field of the form, the second words found in it. */
          _ ("“%s” says “%s”. Say until when, or what has to happen first."), label, words);
    case LW_REASON_EFFORT:
      return g_strdup_printf (
          /* Translators: the first %s is a field of the form, the second words found in it. */
          _ ("“%s” says “%s”. Say what would have to be done, and what stands in the way."), label,
          words);
    default:
      return g_strdup_printf (
          /* Translators: the first %s is a field, the second a phrase found in it. */
          _ ("“%s” says “%s”, which would fit any request. Name what is really meant."), label,
          words);
    }
}

char *
lw_reason_note_describe (const LwReasonNote *self, const char *label)
{
  g_autofree char *words = NULL;

  if (self->words != NULL)
    {
      words = lw_excerpt (self->words, MAX_WORDS);
      return describe_words (self->kind, label, words);
    }
  switch (self->kind)
    {
    case LW_REASON_PLACEHOLDER:
      return g_strdup_printf (_ ("“%s” holds a placeholder; say what it is here."), label);
    case LW_REASON_TICKET:
      return g_strdup_printf (
          _ ("“%s” only names a ticket. Say here what it is about: not everybody can open it."),
          label);
    case LW_REASON_ERROR:
      return g_strdup_printf (
          _ ("“%s” is only an error message. Say what was to be done, and why it matters."), label);
    case LW_REASON_POLICY_NAME:
      return g_strdup_printf (
          _ ("“%s” only repeats the policy’s name. Say what it means for this request."), label);
    case LW_REASON_NO_BLOCKER:
      return g_strdup_printf (
          _ ("“%s” says what is wanted, but not what does not work without it."), label);
    case LW_REASON_NO_END:
      return g_strdup_printf (
          _ ("“%s” says that it ends, but not how. Say what is different then."), label);
    case LW_REASON_SHOUTING:
      return g_strdup_printf (_ ("“%s” is easier to read without capitals and exclamation marks."),
                              label);
    default:
      return g_strdup_printf (
          _ ("“%s” would fit any request. Name the thing, and what is special here."), label);
    }
}
