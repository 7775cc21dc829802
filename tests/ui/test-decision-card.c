/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-decision-card.h"
#include "lw-decision-words.h"
#include "lw-diff-label.h"
#include "lw-ui-test.h"

typedef struct
{
  LwWorkspace *workspace;
  LwRequest *request;
  LwUiRecord *record;
  GtkWidget *card;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->workspace = lw_ui_test_workspace ();
  fixture->request = lw_ui_test_request ();
  fixture->record = lw_ui_record_new (fixture->request);
  fixture->card = g_object_ref_sink (lw_decision_card_new (fixture->workspace));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->card);
  lw_ui_record_free (fixture->record);
  lw_request_free (fixture->request);
  g_object_unref (fixture->workspace);
}

static void
show (Fixture *fixture, LwPhase expected)
{
  g_autoptr (LwCase) value = lw_ui_record_fold (fixture->record);

  g_assert_cmpuint (value->flags->len, ==, 0);
  g_assert_cmpint (value->phase, ==, expected);
  lw_decision_card_set_case (LW_DECISION_CARD (fixture->card), value);
}

#define assert_shows(fixture, text) g_assert_true (lw_ui_test_shows ((fixture)->card, text))
#define assert_hides(fixture, text) g_assert_false (lw_ui_test_shows ((fixture)->card, text))

static void
test_pending (Fixture *fixture, gconstpointer data)
{
  show (fixture, LW_PHASE_PENDING);
  assert_shows (fixture, "Let the AI service aoai-eval skip 2 definitions of “AI platform security "
                         "baseline” until 31 January 2027.");
  assert_shows (fixture, "In Review");
  assert_shows (fixture, "2 definitions");
  assert_shows (fixture, "In 68 days, rules allow 180");
  assert_shows (fixture, "Findings");
  assert_shows (fixture, "The nightly evaluation cannot reach our models.");
  assert_shows (fixture, "Why it cannot be met now");
  assert_shows (fixture, "What it will be by 31 January 2027");
  assert_shows (fixture, "Only the hosted runners can connect");
  assert_shows (fixture, "Daniel Okafor checks it on 20 December 2026");
  assert_shows (fixture, "Peer the runner network");
  assert_shows (fixture, "0 of 1");
  assert_shows (fixture, "Ingrid Solberg");
  assert_shows (fixture, "What Azure Will Get");
  assert_shows (fixture, "policyExemptions/lw-");
  assert_shows (fixture, "\"exemptionCategory\": \"Waiver\"");
  assert_shows (fixture, "Priya Raman submitted revision 1");
  assert_hides (fixture, "Changes since");
}

/* Every phase that a record can be in is shown without a critical, with its own word. */
static void
test_phases (Fixture *fixture, gconstpointer data)
{
  lw_ui_record_add (fixture->record, LW_EVENT_CHANGES_REQUESTED, "ingrid", "Name the gate");
  show (fixture, LW_PHASE_CHANGES_REQUESTED);
  assert_shows (fixture, "Changes Requested");
  assert_shows (fixture, "Name the gate");

  g_set_str (&fixture->request->reason->blocker, "It is the release gate for the launch.");
  lw_ui_record_submit (fixture->record, fixture->request);
  lw_ui_record_add (fixture->record, LW_EVENT_APPROVED, "ingrid", NULL);
  show (fixture, LW_PHASE_APPROVED);
  assert_shows (fixture, "1 of 1");

  assert_hides (fixture, "How Far It Came");
  lw_ui_record_add (fixture->record, LW_EVENT_APPLYING, "ingrid", NULL);
  show (fixture, LW_PHASE_APPLYING);
  assert_shows (fixture, "How Far It Came");
  assert_shows (fixture, "Begun; Azure’s answer is not on record yet");
  assert_shows (fixture, "Ingrid Solberg has begun to create this in Azure");

  lw_ui_record_add_result (fixture->record, LW_EVENT_APPLY_FAILED, "ingrid");
  show (fixture, LW_PHASE_APPLY_FAILED);
  assert_shows (fixture, "Azure refused it the last time (LinkedAuthorizationFailed)");
  assert_shows (fixture,
                "Not in Azure (LinkedAuthorizationFailed): The client lacks exempt/action.");
  assert_shows (fixture, "0 of 1 are in Azure. The approval is kept");

  lw_ui_record_add (fixture->record, LW_EVENT_APPLYING, "ingrid", NULL);
  lw_ui_record_add_result (fixture->record, LW_EVENT_APPLIED, "ingrid");
  show (fixture, LW_PHASE_APPLIED);
  assert_shows (fixture, "In Azure");
  assert_shows (fixture, "What Azure Answered");
  assert_hides (fixture, "Findings");
  assert_hides (fixture, "LinkedAuthorizationFailed");
  assert_hides (fixture, "How Far It Came");
}

static void
test_rejected (Fixture *fixture, gconstpointer data)
{
  lw_ui_record_add (fixture->record, LW_EVENT_REJECTED, "ingrid",
                    "Use <b>private</b> links & peer");
  show (fixture, LW_PHASE_REJECTED);
  assert_shows (fixture, "Rejected");
  /* Text of people is never markup. */
  assert_shows (fixture, "Use <b>private</b> links & peer");
}

static void
test_revision (Fixture *fixture, gconstpointer data)
{
  g_set_str (&fixture->request->reason->blocker,
             "The nightly evaluation cannot reach aoai-eval from the runners.");
  g_set_str (&fixture->request->expires, "2026-12-31T11:00:00Z");
  lw_ui_record_submit (fixture->record, fixture->request);
  show (fixture, LW_PHASE_PENDING);
  assert_shows (fixture, "Revision 2");
  assert_shows (fixture, "Changes since revision 1");
  assert_shows (fixture, "our models. Needed for ");
  assert_shows (fixture, "Ends on 31 December 2026 instead of 31 January 2027");
}

/* The diff is coloured for eyes and said in words for a screen reader. */
static void
test_diff_label (void)
{
  g_autoptr (GtkWidget) label =
      g_object_ref_sink (lw_diff_label_new ("reach our models soon", "reach aoai soon"));
  g_autoptr (GtkWidget) same = g_object_ref_sink (lw_diff_label_new ("as it was", "as it was"));
  PangoAttrList *list = gtk_label_get_attributes (GTK_LABEL (label));
  g_autofree char *attributes = pango_attr_list_to_string (list);

  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, "reach our models aoai soon");
  g_assert_nonnull (strstr (attributes, "6 16 strikethrough true"));
  g_assert_null (strstr (attributes, "17 21 strikethrough"));
  gtk_test_accessible_assert_property (label, GTK_ACCESSIBLE_PROPERTY_LABEL, "reach aoai soon");
  gtk_test_accessible_assert_property (label, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "removed “our models”; added “aoai”");
  g_assert_null (gtk_label_get_attributes (GTK_LABEL (same)));
}

static void
test_draft (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LwRequest) empty = lw_request_new (NULL);
  g_autoptr (GPtrArray) findings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_finding_free);

  g_ptr_array_add (findings, lw_finding_new ("reason.blocker.missing", LW_SEVERITY_BLOCKER,
                                             "reason.blocker", "Say what is blocked", NULL));
  lw_decision_card_set_request (LW_DECISION_CARD (fixture->card), empty, findings);
  assert_shows (fixture, "Say what is blocked");
  assert_shows (fixture, "Draft");
  assert_hides (fixture, "Sign-Off");
  assert_hides (fixture, "History");

  lw_decision_card_set_request (LW_DECISION_CARD (fixture->card), fixture->request, NULL);
  assert_shows (fixture, "aoai-eval");
  assert_hides (fixture, "Findings");
}

/* A record that a stranger has meddled with says so first, and never as markup. */
static void
test_flags (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LwCase) value = NULL;

  lw_ui_record_add (fixture->record, LW_EVENT_APPROVED, "priya", NULL);
  value = lw_ui_record_fold (fixture->record);
  g_assert_cmpuint (value->flags->len, >, 0);
  lw_decision_card_set_case (LW_DECISION_CARD (fixture->card), value);
  assert_shows (fixture, "The record is not in order at entry 2");
}

static void
test_right (Fixture *fixture, gconstpointer data)
{
  LwDecisionCard *card = LW_DECISION_CARD (fixture->card);

  show (fixture, LW_PHASE_PENDING);
  assert_hides (fixture, "Your approval counts");
  lw_decision_card_ask_right (card);
  assert_shows (fixture, "Asking Azure");
  lw_decision_card_set_right (card, LW_RIGHT_NO);
  assert_hides (fixture, "Asking Azure");
  assert_shows (fixture, "You lack the right to write exemptions here");
  lw_decision_card_set_right (card, LW_RIGHT_YES);
  assert_shows (fixture, "you may create the exemption");
  lw_decision_card_set_right (card, LW_RIGHT_UNKNOWN);
  assert_shows (fixture, "Azure does not say");
}

static void
place (Fixture *fixture, int width, graphene_rect_t *findings, graphene_rect_t *people)
{
  GtkWidget *scroll = gtk_scrolled_window_new ();
  GtkWidget *window;

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), fixture->card);
  window = lw_ui_test_window (scroll, width);
  g_assert_true (gtk_widget_compute_bounds (
      lw_ui_test_find (fixture->card, GTK_TYPE_LABEL, "Findings"), fixture->card, findings));
  g_assert_true (gtk_widget_compute_bounds (
      lw_ui_test_find (fixture->card, GTK_TYPE_LABEL, "People"), fixture->card, people));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Wide: two columns side by side; narrow: one, in the same order, and it fits. */
static void
test_width (Fixture *fixture, gconstpointer data)
{
  graphene_rect_t findings, people;
  int minimum;

  show (fixture, LW_PHASE_PENDING);
  gtk_widget_measure (fixture->card, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 336);

  place (fixture, 700, &findings, &people);
  g_assert_cmpfloat (ABS (findings.origin.y - people.origin.y), <, 2);
  g_assert_cmpfloat (people.origin.x, >, findings.origin.x + 300);

  place (fixture, 360, &findings, &people);
  g_assert_cmpfloat (people.origin.y, >, findings.origin.y + 50);
}

/* At 200 % text it still fits the narrowest window. */
static void
test_large_text (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi, minimum;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  show (fixture, LW_PHASE_PENDING);
  gtk_widget_measure (fixture->card, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  g_assert_cmpint (minimum, <=, 336);
}

static void
test_words (void)
{
  g_autofree char *day = lw_words_day ("2027-01-31");
  g_autofree char *broken = lw_words_day ("soon <b>");
  g_autofree char *none = lw_words_day (NULL);
  g_autofree char *group = lw_words_scope_phrase (NULL, LW_UI_GROUP);

  g_assert_cmpstr (day, ==, "31 January 2027");
  g_assert_cmpstr (broken, ==, "soon <b>");
  g_assert_cmpstr (none, ==, "no date yet");
  g_assert_cmpstr (group, ==, "the resource group rg-eval-weu");
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
#define ADD(path, test) g_test_add ("/decision-card/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("pending", test_pending);
  ADD ("phases", test_phases);
  ADD ("rejected", test_rejected);
  ADD ("revision", test_revision);
  ADD ("draft", test_draft);
  ADD ("flags", test_flags);
  ADD ("right", test_right);
  ADD ("width", test_width);
  ADD ("large-text", test_large_text);
  g_test_add_func ("/decision-card/diff-label", test_diff_label);
  g_test_add_func ("/decision-card/words", test_words);
  return g_test_run ();
}
