/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-assess.h"
#include "lw-reason-judge.h"

#define BLOCKER     "reason.blocker"
#define IMPRACTICAL "reason.impractical"
#define END_STATE   "reason.endState"
#define FAIR        0.9 /* of both precision and recall */
#define FAIR_ASIDE  0.7 /* of the recall of texts that the lists were not made with */
#define ROUNDS      3000
#define HUGE_PAIRS  (5 * 1024 * 1024)

static const char *const policies[] = { "Storage accounts should disable public network access",
                                        NULL };

/* What is found first, with the words that say so. */
static const struct
{
  const char *field;
  const char *text;
  const char *kind;  /* NULL: nothing is wrong */
  const char *words; /* nullable */
} cases[] = {
  { BLOCKER, "to be decided", "placeholder", NULL },
  { BLOCKER, "Wird noch ergänzt.", "placeholder", NULL },
  { BLOCKER, "sans objet", "placeholder", NULL },
  { BLOCKER, "CHG0042137", "ticket-only", NULL },
  { BLOCKER, "see NET-2291", "ticket-only", NULL },
  { BLOCKER, "https://dev.example.com/contoso/_workitems/edit/4711", "ticket-only", NULL },
  { BLOCKER, "The mail relay drops our alerts, see NET-2291", NULL, NULL },
  { BLOCKER,
    "RequestDisallowedByPolicy: Resource 'stlogs' was disallowed by policy. Policy identifiers: "
    "'[{\"policyAssignment\":{\"name\":\"Deny public\"}}]'.",
    "error-only", NULL },
  { BLOCKER, "{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"message\":\"cut off her",
    "error-only", NULL },
  { BLOCKER,
    "The scanner appliance boots from a public image share and hangs without it: "
    "{\"error\":{\"code\":\"RequestDisallowedByPolicy\"}}",
    NULL, NULL },
  { BLOCKER, "Storage accounts should disable public network access", "policy-name", NULL },
  { BLOCKER, "Public network access is disabled on storage account", "policy-name", NULL },
  { BLOCKER, "We want public network access for the storage", "policy-name", NULL },
  { BLOCKER, "Please allow the basic SKU of the gateway", "no-blocker", NULL },
  { IMPRACTICAL, "This is urgent, approve it", "urgency", "urgent" },
  { IMPRACTICAL, "The security team is too slow", "blame", NULL },
  { IMPRACTICAL, "It is too much effort for us", "effort", "too much effort" },
  { IMPRACTICAL, "C'est trop compliqué pour nous", "effort", "trop compliqué" },
  { IMPRACTICAL, "We will do it when we have time", "later", "when we have time" },
  { IMPRACTICAL, "Machen wir irgendwann", "later", "irgendwann" },
  { IMPRACTICAL, "Lo haremos más adelante", "later", "más adelante" },
  { IMPRACTICAL, "Vamos fazer quando tivermos tempo", "later", "quando tivermos tempo" },
  { IMPRACTICAL, "時間ができたら対応します", "later", "時間ができたら" },
  { END_STATE, "The issue is solved and all is good", "no-end", NULL },
  { END_STATE, "The problem is fixed in a proper way", "no-end", NULL },
  { BLOCKER, "It is a business requirement", "hollow", NULL },
  { BLOCKER, "Nous en avons besoin pour le projet", "hollow", NULL },
  { BLOCKER, "業務上必要なため", "hollow", NULL },
  { BLOCKER, "THE VENDOR PROBE ONLY SPEAKS PLAIN HTTP UNTIL MARCH!!", "shouting", NULL },
  /* Terse, in haste or in anger, and yet it says something. */
  { BLOCKER, "Runner IPs change hourly; no static egress.", NULL, NULL },
  { BLOCKER, "Urgent: payroll export to the bank fails since Monday, their SFTP only knows one IP",
    NULL, NULL },
  { IMPRACTICAL, "Subnet full until re-IP in March", NULL, NULL },
  { IMPRACTICAL, "vendor agent listen on all interface, is fix in spring release", NULL, NULL },
  { IMPRACTICAL, "Der Hersteller liefert TLS 1.2 erst mit Firmware 8 im Februar.", NULL, NULL },
  { END_STATE, "Private endpoint in the hub, firewall rule deleted, probe moved.", NULL, NULL },
  { END_STATE, "四国の拠点がExpressRouteに切り替わり、公開IPを削除する。", NULL, NULL },
  /* Languages that are not judged. */
  { BLOCKER, "Dit is nodig voor het project en moet snel.", NULL, NULL },
  { BLOCKER, "Serve per il progetto, non funziona.", NULL, NULL },
  { BLOCKER, "Это нужно для проекта, срочно.", NULL, NULL },
  { BLOCKER, "项目需要，请尽快批准。", NULL, NULL },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwReasonNote) note = lw_reason_judge (cases[i].field, cases[i].text, policies);
      const char *kind = note != NULL ? lw_reason_kind_to_string (note->kind) : NULL;

      if (g_strcmp0 (kind, cases[i].kind) != 0)
        g_error ("“%s” is judged %s, not %s", cases[i].text, kind, cases[i].kind);
      if (cases[i].words != NULL)
        g_assert_cmpstr (note->words, ==, cases[i].words);
      if (note != NULL)
        {
          g_autofree char *said = lw_reason_note_describe (note, "Field");

          g_assert_nonnull (strstr (said, "Field"));
          if (note->words != NULL)
            g_assert_nonnull (strstr (said, note->words));
        }
    }
}

/* What makes a reason vague warns, what only fills a field blocks, style is advice. */
static void
test_severities (void)
{
  g_autoptr (LwReasonNote) filler = lw_reason_judge (BLOCKER, "not applicable", NULL);
  g_autoptr (LwReasonNote) haste = lw_reason_judge (BLOCKER, "this is urgent", NULL);
  g_autoptr (LwReasonNote) loud =
      lw_reason_judge (BLOCKER, "The payroll bank only accepts one fixed sender address!!", NULL);

  g_assert_cmpint (filler->severity, ==, LW_SEVERITY_BLOCKER);
  g_assert_cmpint (haste->severity, ==, LW_SEVERITY_WARNING);
  g_assert_cmpint (loud->severity, ==, LW_SEVERITY_ADVICE);
}

/* Any bytes at all. */
static void
test_anything (void)
{
  static const char *const pieces[] = { "{\"",      "}",  "'",      "l’",   "urgent ",  "\xff",
                                        "\xe3\x81", "の", "--",     "/",    "10.",      "http://",
                                        "NET-1",    "%",  "\n",     "a",    "だめ",     " ",
                                        "ß",        "𝒳",  "Error:", "asap", "é\xcc\x81" };
  GRand *random = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  g_autofree char *huge = g_strnfill (2 * HUGE_PAIRS, '{');

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (LwReasonNote) once = NULL;
      g_autoptr (LwReasonNote) again = NULL;

      for (int n = g_rand_int_range (random, 0, 20); n > 0; n--)
        g_string_append (text, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
      once = lw_reason_judge (END_STATE, text->str, policies);
      again = lw_reason_judge (END_STATE, text->str, policies);
      g_assert_true ((once == NULL) == (again == NULL));
      if (once != NULL)
        {
          g_assert_cmpint (once->kind, ==, again->kind);
          g_assert_cmpstr (once->words, ==, again->words);
          g_assert_true (once->words == NULL || g_utf8_validate (once->words, -1, NULL));
        }
    }
  g_rand_free (random);
  for (gsize i = 0; i < HUGE_PAIRS; i++)
    huge[2 * i + 1] = '"';
  lw_reason_note_free (lw_reason_judge (BLOCKER, huge, NULL));
}

typedef struct
{
  guint right, wrong, missed, n;
} Tally;

static void
judge_set (const char *name, double least_recall)
{
  g_autofree char *path = g_build_filename (g_getenv ("LEEWAY_FIXTURES"), name, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  Tally tally = { 0 };
  double precision, recall;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *entry = json_node_get_object (node);
      const char *policy = json_object_get_null_member (entry, "policy")
                               ? NULL
                               : json_object_get_string_member (entry, "policy");
      const char *const names[] = { policy, NULL };
      const char *field = json_object_get_string_member (entry, "field");
      gboolean vague = json_object_get_boolean_member (entry, "vague");
      g_autoptr (LwReasonNote) note =
          lw_reason_judge (field, json_object_get_string_member (entry, "text"), names);
      gboolean found = note != NULL && note->severity != LW_SEVERITY_ADVICE;

      tally.n++;
      tally.right += vague && found;
      tally.wrong += !vague && found;
      tally.missed += vague && !found;
      if (vague != found && g_test_verbose ())
        g_test_message ("%s %s %s: %s", json_object_get_string_member (entry, "language"), field,
                        found ? lw_reason_kind_to_string (note->kind) : "missed",
                        json_object_get_string_member (entry, "text"));
    }
  precision = (double) tally.right / (tally.right + tally.wrong);
  recall = (double) tally.right / (tally.right + tally.missed);
  g_test_message ("%s: %u reasons, precision %.3f, recall %.3f", name, tally.n, precision, recall);
  g_assert_cmpfloat (precision, >=, FAIR);
  g_assert_cmpfloat (recall, >=, least_recall);
}

static void
test_set (void)
{
  judge_set ("reasons.jsonl", FAIR);
}

/* Those that were kept aside while the lists were made. */
static void
test_set_aside (void)
{
  judge_set ("reasons-aside.jsonl", FAIR_ASIDE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reason-judge/cases", test_cases);
  g_test_add_func ("/reason-judge/severities", test_severities);
  g_test_add_func ("/reason-judge/anything", test_anything);
  g_test_add_func ("/reason-judge/set", test_set);
  g_test_add_func ("/reason-judge/set-aside", test_set_aside);
  return g_test_run ();
}
