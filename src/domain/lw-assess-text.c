/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"
#include "lw-reason-judge.h"

typedef struct
{
  const char *key;
  const char *prefix; /* of the finding's ids; the key where NULL */
  const char *label;  /* as the form shows it */
  guint min;
  guint max;
  gboolean prose;      /* judged for what it says */
  gboolean cause;      /* judged as the reason of a request, too */
  const char *example; /* of a better text */
} Field;

static const Field fields[] = {
  { "title", "request.title", N_ ("Title"), 8, 128, TRUE, FALSE,
    N_ ("Public network access for the evaluation endpoint until peering is done") },
  { "ticket", "request.ticket", N_ ("Ticket"), 0, 64, FALSE, FALSE, NULL },
  { "renews.whatChanged", "request.whatChanged", N_ ("What changed since"), 30, 1000, TRUE, TRUE,
    N_ ("Peering slipped to March because the address plan was redone; the endpoint in NET-2291 is "
        "built and waits for it.") },
  { "reason.blocker", NULL, N_ ("What is blocked"), 20, 500, TRUE, TRUE,
    N_ ("The nightly evaluation cannot reach aoai-eval-weu from the hosted runners. It is the "
        "release "
        "gate for the support model on 14 February.") },
  { "reason.control", NULL, N_ ("Affected control"), 15, 500, TRUE, TRUE,
    N_ ("Model endpoints are reached over the private network only, so prompts and completions "
        "stay "
        "off the internet.") },
  { "reason.impractical", NULL, N_ ("Why not comply now"), 20, 500, TRUE, TRUE,
    N_ ("vnet-ci and vnet-eval-weu are not peered. The network team does that in NET-2291, planned "
        "for the second week of January.") },
  { "reason.endState", NULL, N_ ("How it ends"), 20, 500, TRUE, TRUE,
    N_ ("A private endpoint in vnet-eval-weu, public access off, runners moved to vnet-ci.") },
  { "remediation.step", "reason.remediation.step", N_ ("Step"), 8, 200, TRUE, TRUE,
    N_ ("Peer vnet-ci with vnet-eval-weu (NET-2291)") },
  { "grants.why", "scope.why", N_ ("Why this wide"), 20, 500, TRUE, TRUE,
    N_ ("The three accounts are recreated by each run under new names, so only their resource "
        "group "
        "stays the same.") },
  { "controls.objective", NULL, N_ ("Objective"), 15, 500, TRUE, FALSE,
    N_ ("Keep everyone but the evaluation runners away from the model endpoints.") },
  { "controls.definition", NULL, N_ ("What is done"), 15, 1000, TRUE, FALSE,
    N_ ("The firewall of both accounts allows 4 runner addresses and denies the rest.") },
  { "controls.residualRisk", NULL, N_ ("Residual risk"), 15, 500, TRUE, FALSE,
    N_ ("Traffic still crosses the internet, encrypted. A runner’s address could be reassigned.") },
  { "controls.validation", NULL, N_ ("How it is validated"), 15, 500, TRUE, FALSE,
    N_ ("A call from outside the list is refused with 403. Tested on each Monday.") },
  { "controls.maintenance", NULL, N_ ("How it is kept up"), 15, 500, TRUE, FALSE,
    N_ ("Terraform sets the list nightly, so a change by hand lasts a day at most.") },
};

/* What people type to get past a form, normalised. */
static const char *const placeholders[] = { "n a",
                                            "na",
                                            "none",
                                            "nothing",
                                            "no",
                                            "yes",
                                            "ok",
                                            "tbd",
                                            "tba",
                                            "todo",
                                            "to do",
                                            "to be done",
                                            "to be defined",
                                            "to be added",
                                            "test",
                                            "testing",
                                            "test test",
                                            "asdf",
                                            "qwerty",
                                            "foo",
                                            "foo bar",
                                            "bar",
                                            "same",
                                            "same as above",
                                            "see above",
                                            "as above",
                                            "dummy",
                                            "placeholder",
                                            "fill in later",
                                            "later",
                                            "will follow",
                                            "x",
                                            "xx",
                                            "xxx",
                                            "abc",
                                            "123",
                                            "unknown",
                                            NULL };

static const Field *
find_field (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].key, key) == 0)
      return &fields[i];
  return NULL;
}

guint
lw_field_min_chars (const char *field)
{
  const Field *found = find_field (field);

  return found != NULL ? found->min : 0;
}

guint
lw_field_max_chars (const char *field)
{
  const Field *found = find_field (field);

  return found != NULL ? found->max : 0;
}

gsize
lw_field_length (const char *text)
{
  g_autofree char *stripped = text != NULL ? g_strstrip (g_strdup (text)) : NULL;
  gsize length = 0;

  for (const char *p = stripped; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    length += g_utf8_get_char (p) >= 0x10000 ? 2 : 1;
  return length;
}

gboolean
lw_text_is_blank (const char *text)
{
  for (const char *p = text; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isspace (c) && !g_unichar_iszerowidth (c))
        return FALSE;
    }
  return TRUE;
}

char *
lw_text_normalize (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  GString *out = g_string_new (" ");

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* An apostrophe does not part a word, in either form. */
      if (c == '\'' || c == 0x2019)
        continue;
      if (g_unichar_isalnum (c) || g_unichar_ismark (c))
        g_string_append_unichar (out, c);
      else if (out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  if (out->str[out->len - 1] != ' ')
    g_string_append_c (out, ' ');
  return g_string_free_and_steal (out);
}

static gboolean
same_text (const char *a, const char *b)
{
  g_autofree char *left = lw_text_normalize (a);
  g_autofree char *right = lw_text_normalize (b);

  return strcmp (left, right) == 0;
}

static guint
count_distinct (const char *normalized)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (const char *p = normalized; *p != '\0'; p = g_utf8_next_char (p))
    if (*p != ' ')
      g_hash_table_add (seen, GUINT_TO_POINTER (g_utf8_get_char (p)));
  return g_hash_table_size (seen);
}

/* "<what is blocked>" and the like, left over from a template. */
static gboolean
has_template_mark (const char *text)
{
  const char *open = strchr (text, '<');
  const char *close = open != NULL ? strchr (open, '>') : NULL;

  return close != NULL && g_ascii_isalpha (open[1]) && close - open > 3 &&
         memchr (open, ' ', (gsize) (close - open)) != NULL;
}

static gboolean
is_placeholder (const char *text)
{
  g_autofree char *normalized = lw_text_normalize (text);
  g_autofree char *words = g_strstrip (g_strdup (normalized));

  return words[0] == '\0' || g_strv_contains (placeholders, words) || count_distinct (words) < 4 ||
         g_str_has_prefix (normalized, " todo ") || g_str_has_prefix (normalized, " tbd ") ||
         strstr (normalized, " lorem ipsum ") != NULL || has_template_mark (text);
}

/* The organisation's phrase that @text holds, or %NULL. */
static const char *
find_vague (LwAssessment *self, const char *text)
{
  const char *const *phrases = lw_rules_vague_phrases (self->rules);
  g_autofree char *normalized = lw_text_normalize (text);

  for (guint i = 0; i < self->phrases->len; i++)
    {
      const char *phrase = g_ptr_array_index (self->phrases, i);

      /* A phrase of punctuation only is the one blank. */
      if (phrase[1] != '\0' && strstr (normalized, phrase) != NULL)
        return phrases[i];
    }
  return NULL;
}

static char *
id_of (const Field *field, const char *what)
{
  return g_strdup_printf ("%s.%s", field->prefix != NULL ? field->prefix : field->key, what);
}

static void
add_as (LwAssessment *self,
        LwSeverity severity,
        const Field *field,
        const char *what,
        const char *path,
        const char *message)
{
  g_autofree char *id = id_of (field, what);
  g_autofree char *hint = field->example != NULL
                              /* Translators: %s is an example of a good text. */
                              ? g_strdup_printf (_ ("For example: %s"), _ (field->example))
                              : NULL;

  lw_assessment_add (self, severity, id, path, hint, "%s", message);
}

static void
add (LwAssessment *self,
     const Field *field,
     const char *what,
     const char *path,
     const char *message)
{
  add_as (self, LW_SEVERITY_BLOCKER, field, what, path, message);
}

static GStrv
policy_names (const LwRequest *request)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);

      if (!lw_text_is_blank (grant->policy_name))
        g_strv_builder_add (names, grant->policy_name);
    }
  return g_strv_builder_end (names);
}

static void
assess_cause (LwAssessment *self, const Field *field, const char *path, const char *text)
{
  g_auto (GStrv) policies = policy_names (self->request);
  g_autoptr (LwReasonNote) note =
      lw_reason_judge (field->key, text, (const char *const *) policies);
  g_autofree char *message = NULL;

  if (note == NULL)
    return;
  message = lw_reason_note_describe (note, _ (field->label));
  add_as (self, note->severity, field, lw_reason_kind_to_string (note->kind), path, message);
}

static void
assess_prose (LwAssessment *self, const Field *field, const char *path, const char *text)
{
  g_autofree char *message = NULL;
  const char *phrase = find_vague (self, text);

  if (is_placeholder (text))
    {
      message =
          g_strdup_printf (_ ("“%s” holds a placeholder; say what it is here."), _ (field->label));
      add (self, field, "placeholder", path, message);
    }
  else if (field->example != NULL && same_text (text, _ (field->example)))
    {
      message = g_strdup_printf (_ ("“%s” is the example; say what it is here."), _ (field->label));
      add (self, field, "copied", path, message);
    }
  else if (phrase != NULL)
    {
      message = g_strdup_printf (
          /* Translators: the first %s is a field, the second a phrase found in it. */
          _ ("“%s” says “%s”, which would fit any request. Name what is really meant."),
          _ (field->label), phrase);
      add (self, field, "vague", path, message);
    }
  else if (field->cause)
    assess_cause (self, field, path, text);
}

gboolean
lw_assess_text (LwAssessment *self,
                const char *key,
                const char *path,
                const char *text,
                gboolean required)
{
  const Field *field = find_field (key);
  g_autofree char *message = NULL;
  gsize length = lw_field_length (text);

  g_return_val_if_fail (field != NULL, FALSE);

  if (lw_text_is_blank (text))
    {
      message = g_strdup_printf (_ ("“%s” is empty."), _ (field->label));
      if (required)
        add (self, field, "missing", path, message);
      return FALSE;
    }
  if (length > field->max)
    {
      message = g_strdup_printf (_ ("“%s” has %u characters; at most %u fit."), _ (field->label),
                                 (guint) length, field->max);
      add (self, field, "long", path, message);
    }
  else if (length < field->min)
    {
      message =
          g_strdup_printf (_ ("“%s” has %u characters, which says too little; at least %u are "
                              "needed."),
                           _ (field->label), (guint) length, field->min);
      add (self, field, "short", path, message);
    }
  if (field->prose)
    assess_prose (self, field, path, text);
  return TRUE;
}

void
lw_assess_copied (LwAssessment *self,
                  const char *first_key,
                  const char *first,
                  const char *second_key,
                  const char *path,
                  const char *second)
{
  const Field *from = find_field (first_key);
  const Field *to = find_field (second_key);
  g_autofree char *message = NULL;

  if (lw_text_is_blank (first) || lw_text_is_blank (second) || !same_text (first, second))
    return;
  message = g_strdup_printf (
      /* Translators: both are fields of the form. */
      _ ("“%s” only repeats “%s”."), _ (to->label), _ (from->label));
  add (self, to, "copied", path, message);
}

gboolean
lw_assess_day (LwAssessment *self, const char *prefix, const char *path, const char *day)
{
  g_autofree char *missing = g_strconcat (prefix, ".missing", NULL);
  g_autofree char *invalid = g_strconcat (prefix, ".invalid", NULL);
  g_autofree char *past = g_strconcat (prefix, ".past", NULL);

  if (lw_text_is_blank (day))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, missing, path, NULL, _ ("The date is missing."));
  else if (!lw_day_is_valid (day))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, invalid, path,
                       _ ("Write a date as in 2027-01-31."), _ ("“%s” is no date."), day);
  else if (strcmp (day, self->today) < 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, past, path, NULL,
                       _ ("The date %s has passed already."), day);
  else
    return TRUE;
  return FALSE;
}

void
lw_assess_link (LwAssessment *self, const char *id, const char *path, const char *link)
{
  g_autoptr (GUri) uri = NULL;
  g_autofree char *shown = lw_excerpt (link, 60);
  const char *scheme;

  if (lw_text_is_blank (link))
    return;
  uri = g_uri_parse (link, G_URI_FLAGS_NONE, NULL);
  scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  if ((strcmp (scheme, "https") != 0 && strcmp (scheme, "http") != 0) ||
      g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0')
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, id, path,
                       _ ("Give a whole web address that begins with https://."),
                       _ ("“%s” is no web address."), shown);
}
