/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <signal.h>

#include "lw-form-page.h"
#include "lw-form.h"
#include "lw-ui-test.h"

typedef struct
{
  LwWorkspace *workspace;
  LwRequest *request;
  LwFormPage *page;
  GtkWidget *window;
} Fixture;

static void
open_form (Fixture *fixture, const LwRequest *request)
{
  fixture->page = LW_FORM_PAGE (lw_form_page_new (fixture->workspace, request));
  fixture->window = lw_ui_test_window (GTK_WIDGET (fixture->page), 1000);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->workspace = lw_ui_test_workspace ();
  fixture->request = lw_ui_test_request ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->window != NULL)
    gtk_window_destroy (GTK_WINDOW (fixture->window));
  lw_workspace_close (fixture->workspace);
  lw_ui_test_settle ();
  lw_request_free (fixture->request);
  g_object_unref (fixture->workspace);
}

/* The text view below @root that a screen reader calls @caption. */
static GtkTextBuffer *
field (GtkWidget *root, const char *caption)
{
  GtkWidget *row = lw_ui_test_find (root, g_type_from_name ("LwTextRow"), caption);
  GtkWidget *view = row != NULL ? lw_ui_test_find (row, GTK_TYPE_TEXT_VIEW, NULL) : NULL;

  g_assert_nonnull (view);
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
}

/* The draft as it lies on disk, of whichever connection; %NULL where there is none. */
static char *
draft_on_disk (const char *text)
{
  g_autofree char *root = g_build_filename (g_get_user_data_dir (), "leeway", "drafts", NULL);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (folders, g_strdup (root));
  for (guint i = 0; i < folders->len; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (g_ptr_array_index (folders, i), 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (g_ptr_array_index (folders, i), name, NULL);
          g_autofree char *content = NULL;

          if (g_file_test (path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add (folders, g_steal_pointer (&path));
          else if (g_file_get_contents (path, &content, NULL, NULL) && strstr (content, text))
            return g_steal_pointer (&content);
        }
    }
  return NULL;
}

static gboolean
is_on_disk (gpointer data)
{
  g_autofree char *content = draft_on_disk (data);

  return content != NULL;
}

static void
test_saves_as_typed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = draft_on_disk ("Access for the labelling vendor");

  g_assert_null (before);
  open_form (fixture, NULL);
  gtk_text_buffer_set_text (field (fixture->window, "Title of the request"),
                            "Access for the labelling vendor", -1);
  lw_ui_test_wait (is_on_disk, (gpointer) "Access for the labelling vendor");
  /* Closing writes what was typed last, without waiting for the timer. */
  gtk_text_buffer_set_text (field (fixture->window, "Title of the request"),
                            "Access for the second vendor", -1);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  fixture->window = NULL;
  lw_ui_test_wait (is_on_disk, (gpointer) "Access for the second vendor");
}

static void
test_untouched_saves_nothing (Fixture *fixture, gconstpointer data)
{
  DexFuture *flushed;
  g_autofree char *content = NULL;

  open_form (fixture, fixture->request);
  lw_ui_test_settle ();
  flushed = lw_form_page_flush (fixture->page);
  g_assert_false (dex_future_is_pending (flushed));
  dex_unref (flushed);
  content = draft_on_disk (fixture->request->id);
  g_assert_null (content);
}

/* A process that is killed leaves what had been typed half a second before. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;

  if (g_test_subprocess ())
    {
      open_form (fixture, NULL);
      gtk_text_buffer_set_text (field (fixture->window, "Title of the request"),
                                "Typed before the lights went out", -1);
      lw_ui_test_wait (is_on_disk, (gpointer) "Typed before the lights went out");
      kill (getpid (), SIGKILL);
    }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_assert_false (g_test_trap_has_passed ());
  content = draft_on_disk ("Typed before the lights went out");
  g_assert_nonnull (content);
}

static LwForm *
form_new (Fixture *fixture)
{
  return lw_form_new (fixture->workspace, fixture->request);
}

/* Numbers of grants are not given twice, not even after one was taken away. */
static void
test_grant_numbers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LwForm) form = form_new (fixture);
  LwRequest *request = lw_form_get_request (form);
  LwGrant *last;

  lw_form_set_scope (form, LW_UI_GROUP, TRUE);
  g_assert_cmpuint (request->grants->len, ==, 2);
  last = g_ptr_array_index (request->grants, 1);
  g_assert_cmpuint (last->n, ==, 2);
  g_assert_cmpuint (last->references->len, ==, 2);
  lw_form_set_scope (form, LW_UI_GROUP, FALSE);
  g_assert_cmpuint (request->grants->len, ==, 1);
  lw_form_set_scope (form, LW_UI_SUBSCRIPTION, TRUE);
  last = g_ptr_array_index (request->grants, 1);
  g_assert_cmpuint (last->n, ==, 3);
  /* The last one carries the policy: it stays, without a scope. */
  lw_form_set_scope (form, LW_UI_SUBSCRIPTION, FALSE);
  lw_form_set_scope (form, LW_UI_RESOURCE, FALSE);
  g_assert_cmpuint (request->grants->len, ==, 1);
  g_assert_false (lw_form_has_scope (form, LW_UI_RESOURCE));
  g_assert_nonnull (((LwGrant *) g_ptr_array_index (request->grants, 0))->assignment);
}

static void
test_same_scope_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LwForm) form = form_new (fixture);
  g_autofree char *shouted = g_ascii_strup (LW_UI_RESOURCE, -1);

  g_assert_true (lw_form_has_scope (form, shouted));
  lw_form_set_scope (form, shouted, TRUE);
  g_assert_cmpuint (lw_form_get_request (form)->grants->len, ==, 1);
}

static void
test_step_states (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LwForm) form = form_new (fixture);
  LwRequest *request = lw_form_get_request (form);

  g_assert_cmpint (lw_form_get_step_state (form, LW_FORM_REASON), ==, LW_STEP_STATE_DONE);
  g_clear_pointer (&request->reason->blocker, g_free);
  lw_form_changed (form);
  g_assert_nonnull (lw_form_get_findings (form));
  g_assert_nonnull (lw_form_find (form, "reason.blocker"));
  /* Not yet left: nothing is held against anybody. */
  g_assert_cmpint (lw_form_get_step_state (form, LW_FORM_REASON), ==, LW_STEP_STATE_OPEN);
  lw_form_leave_step (form, LW_FORM_REASON);
  g_assert_cmpint (lw_form_get_step_state (form, LW_FORM_REASON), ==, LW_STEP_STATE_ATTENTION);
}

static void
test_field_patterns (void)
{
  g_assert_true (lw_field_matches ("grants[*].why", "grants[12].why"));
  g_assert_false (lw_field_matches ("grants[*].why", "grants[1].scope"));
  g_assert_false (lw_field_matches ("grants[*].why", "grants[1].why2"));
  g_assert_true (lw_field_matches ("controls[1].evidence**", "controls[1].evidence[0]"));
  g_assert_true (lw_field_matches ("controls[1].evidence**", "controls[1].evidence"));
  g_assert_false (lw_field_matches ("controls[1].evidence**", "controls[2].evidence"));
  g_assert_true (lw_field_matches ("owner", "owner"));
  g_assert_false (lw_field_matches ("owner", "owner.upn"));
}

/* A finding leads to its field, also in a folded card. */
static void
test_jump (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint step;
    const char *field;
    const char *caption;
  } cases[] = {
    { LW_FORM_REASON, "reason.impractical", "Why not comply now?" },
    { LW_FORM_CONTROLS, "controls[0].residualRisk", "Residual risk" },
    { LW_FORM_OWNER, "ticket", "Ticket, if there is one" },
    { LW_FORM_POLICY, "title", "Title of the request" },
  };

  open_form (fixture, fixture->request);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *focus, *row;

      lw_form_page_show (fixture->page, cases[i].step, cases[i].field);
      focus = gtk_window_get_focus (GTK_WINDOW (fixture->window));
      g_assert_nonnull (focus);
      row = gtk_widget_get_ancestor (focus, g_type_from_name ("LwTextRow"));
      g_assert_nonnull (row);
      g_assert_true (lw_ui_test_shows (row, cases[i].caption));
    }
}

static void
click (GtkWidget *root, const char *label)
{
  GtkWidget *button = lw_ui_test_find (root, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/* Submit is never greyed out: it says what stands in the way. */
static void
test_submit_says_why (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->request->owner, lw_person_free);
  open_form (fixture, fixture->request);
  lw_form_page_show (fixture->page, LW_FORM_CHECK, NULL);
  g_assert_true (lw_ui_test_shows (fixture->window, "Must Be Mended"));
  click (fixture->window, "Submit");
  g_assert_true (lw_ui_test_shows (fixture->window, "must be mended first"));
}

static gboolean
card_is_named (gpointer window)
{
  return lw_ui_test_find (window, ADW_TYPE_EXPANDER_ROW, "Somebody notices misuse") != NULL;
}

static void
test_plan_and_controls (Fixture *fixture, gconstpointer data)
{
  GtkWidget *add;

  open_form (fixture, NULL);
  lw_form_page_show (fixture->page, LW_FORM_REASON, NULL);
  add = lw_ui_test_find (fixture->window, ADW_TYPE_BUTTON_ROW, "Add a Step");
  g_assert_nonnull (add);
  g_signal_emit_by_name (add, "activated");
  gtk_text_buffer_set_text (field (fixture->window, "What is done"), "Peer both networks", -1);
  g_assert_nonnull (lw_ui_test_find (fixture->window, ADW_TYPE_EXPANDER_ROW, "Peer both networks"));

  lw_form_page_show (fixture->page, LW_FORM_CONTROLS, NULL);
  gtk_widget_activate_action (
      lw_ui_test_find (fixture->window, g_type_from_name ("LwStepControls"), NULL), "controls.add",
      "s", "monitoring");
  g_assert_nonnull (
      lw_ui_test_find (fixture->window, ADW_TYPE_EXPANDER_ROW, "Monitoring and alerting"));
  gtk_text_buffer_set_text (field (fixture->window, "Objective"), "Somebody notices misuse", -1);
  lw_ui_test_wait (card_is_named, fixture->window);
  lw_ui_test_wait (is_on_disk, (gpointer) "Somebody notices misuse");
}

static gboolean
has_label (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  return (tooltip != NULL && *tooltip != '\0') ||
         gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget),
                                           GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                           GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

static gboolean
needs_label (GtkWidget *widget)
{
  /* What is inside a control of GTK's own is named by that. */
  if (gtk_widget_get_ancestor (widget, GTK_TYPE_MENU_BUTTON) != NULL &&
      !GTK_IS_MENU_BUTTON (widget))
    return FALSE;
  if (GTK_IS_LIST_BOX (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_EXPANDER_ROW) != NULL)
    return FALSE;
  if (gtk_widget_get_ancestor (widget, ADW_TYPE_TOGGLE_GROUP) != NULL ||
      gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != NULL)
    return FALSE;
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) ||
         GTK_IS_SWITCH (widget) || GTK_IS_TEXT_VIEW (widget) || GTK_IS_ENTRY (widget) ||
         GTK_IS_SEARCH_ENTRY (widget) || GTK_IS_LIST_BOX (widget) || GTK_IS_LIST_VIEW (widget);
}

static void
walk_names (GtkWidget *widget, guint *seen)
{
  if (!gtk_widget_get_visible (widget))
    return;
  if (needs_label (widget))
    {
      (*seen)++;
      for (GtkWidget *up = widget; !has_label (widget) && up != NULL;
           up = gtk_widget_get_parent (up))
        g_test_message ("%s has no name", G_OBJECT_TYPE_NAME (up));
      g_assert_true (has_label (widget));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    walk_names (child, seen);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  guint seen = 0;

  open_form (fixture, fixture->request);
  for (guint i = 0; i < LW_FORM_STEPS; i++)
    {
      lw_form_page_show (fixture->page, i, NULL);
      g_test_message ("step %u", i + 1);
      walk_names (GTK_WIDGET (fixture->page), &seen);
    }
  g_assert_cmpuint (seen, >, 60);
}

/* It fits in 360 pixels, with long words, in either direction of reading. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  const GtkTextDirection direction = GPOINTER_TO_INT (data);
  int minimum;

  gtk_widget_set_default_direction (direction);
  g_set_str (&fixture->request->title,
             "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft");
  g_set_str (&fixture->request->reason->blocker,
             "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz is blocked.");
  fixture->page = LW_FORM_PAGE (lw_form_page_new (fixture->workspace, fixture->request));
  fixture->window = lw_ui_test_window (GTK_WIDGET (fixture->page), 360);
  for (guint i = 0; i < LW_FORM_STEPS; i++)
    {
      lw_form_page_show (fixture->page, i, NULL);
      lw_ui_test_settle ();
      gtk_test_widget_wait_for_draw (fixture->window);
      gtk_widget_measure (GTK_WIDGET (fixture->page), GTK_ORIENTATION_HORIZONTAL, -1, &minimum,
                          NULL, NULL, NULL);
      g_test_message ("step %u needs %d", i + 1, minimum);
      g_assert_cmpint (minimum, <=, 360);
      g_assert_cmpint (gtk_widget_get_width (fixture->window), <=, 420);
    }
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
  ADD ("/form/saves-as-typed", NULL, test_saves_as_typed);
  ADD ("/form/untouched-saves-nothing", NULL, test_untouched_saves_nothing);
  ADD ("/form/killed", NULL, test_killed);
  ADD ("/form/grant-numbers", NULL, test_grant_numbers);
  ADD ("/form/same-scope-twice", NULL, test_same_scope_twice);
  ADD ("/form/step-states", NULL, test_step_states);
  g_test_add_func ("/form/field-patterns", test_field_patterns);
  ADD ("/form/jump-to-field", NULL, test_jump);
  ADD ("/form/submit-says-why", NULL, test_submit_says_why);
  ADD ("/form/plan-and-controls", NULL, test_plan_and_controls);
  ADD ("/form/names", NULL, test_names);
  ADD ("/form/narrow/ltr", GINT_TO_POINTER (GTK_TEXT_DIR_LTR), test_narrow);
  ADD ("/form/narrow/rtl", GINT_TO_POINTER (GTK_TEXT_DIR_RTL), test_narrow);
  return g_test_run ();
}
