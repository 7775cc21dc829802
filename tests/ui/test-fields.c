/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-date-row.h"
#include "lw-text-row.h"
#include "lw-ui-test.h"
#include "lw-widgets.h"

static void
count_up (GtkWidget *widget, gpointer data)
{
  guint *n = data;

  (*n)++;
}

/* A field in a window, so that the focus can come and go. */
static GtkWidget *
shown (GtkWidget *row)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return lw_ui_test_window (list, 400);
}

static GtkTextBuffer *
buffer_of (GtkWidget *row)
{
  GtkWidget *view = lw_ui_test_find (row, GTK_TYPE_TEXT_VIEW, NULL);

  g_assert_nonnull (view);
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
}

static void
test_date_parse (void)
{
  static const struct
  {
    const char *typed;
    const char *expected; /* local; NULL where it is no date */
  } cases[] = {
    { "2027-01-31", "2027-01-31 23:59" },
    { " 2027-01-31 ", "2027-01-31 23:59" },
    { "31.1.2027", "2027-01-31 23:59" },
    { "2027-01-31 14:30", "2027-01-31 14:30" },
    { "31 January 2027", "2027-01-31 23:59" },
    { "+30", "2026-12-24 23:59" },
    { "2027-02-30", NULL },
    { "2027-13-01", NULL },
    { "2027-01-31 25:00", NULL },
    { "27-01-31", NULL },
    { "2027-01-31x", NULL },
    { "soon", NULL },
    { "99999999999999999999", NULL },
    { "+99999999999", NULL },
    { "", NULL },
    { "%n%n%s", NULL },
  };
  g_autoptr (GDateTime) now = lw_ui_test_now ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean has_time;
      g_autoptr (GDateTime) when = lw_date_parse (cases[i].typed, now, &has_time);
      g_autofree char *text = when ? g_date_time_format (when, "%Y-%m-%d %H:%M") : NULL;

      g_test_message ("“%s”", cases[i].typed);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* The end of a day is the end where the person is, and stays within that day. */
static void
test_end_of_day (void)
{
  g_autoptr (GDateTime) day = g_date_time_new_local (2027, 1, 31, 8, 0, 0);
  g_autofree char *end = lw_date_end_of_day (day);

  /* Lima is five hours behind, the whole year round. */
  g_assert_cmpstr (end, ==, "2027-02-01T04:59:59Z");
}

static void
test_day_words (void)
{
  g_autofree char *day = lw_date_day_of ("2027-01-31");
  g_autofree char *other = lw_date_day_of ("soon");

  g_assert_cmpstr (day, ==, "31 January 2027");
  g_assert_cmpstr (other, ==, "soon");
}

static void
test_text_row (void)
{
  GtkWidget *row = lw_text_row_new ("Title", 20, TRUE);
  GtkWidget *window = shown (row);
  guint changed = 0;
  g_autofree char *text = NULL;

  g_signal_connect (row, "changed", G_CALLBACK (count_up), &changed);
  g_assert_false (lw_field_row_is_answered (LW_FIELD_ROW (row)));
  lw_text_row_set_text (LW_TEXT_ROW (row), "set by us");
  g_assert_cmpuint (changed, ==, 0);
  g_assert_true (lw_ui_test_shows (row, "9 of 20"));
  gtk_text_buffer_set_text (buffer_of (row), "typed\nin\r\ntwo lines ", -1);
  g_assert_cmpuint (changed, >, 0);
  text = lw_text_row_get_text (LW_TEXT_ROW (row));
  g_assert_cmpstr (text, ==, "typed in  two lines");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_text_too_long (void)
{
  GtkWidget *row = lw_text_row_new ("Title", 4, FALSE);
  GtkWidget *window = shown (row);
  g_autofree char *text = NULL;

  gtk_text_buffer_set_text (buffer_of (row), "nothing is cut", -1);
  text = lw_text_row_get_text (LW_TEXT_ROW (row));
  g_assert_cmpstr (text, ==, "nothing is cut");
  g_assert_true (lw_ui_test_shows (row, "14 of 4"));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What is missing is not said before the field was left; what is wrong is told to a screen reader. */
static void
test_quiet_finding (void)
{
  GtkWidget *row = lw_text_row_new ("What is blocked?", 500, FALSE);
  GtkWidget *window = shown (row);
  GtkWidget *view = lw_ui_test_find (row, GTK_TYPE_TEXT_VIEW, NULL);
  g_autoptr (LwFinding) finding =
      lw_finding_new ("reason.blocker.missing", LW_SEVERITY_BLOCKER, "reason.blocker",
                      "It is <b>empty</b>.", "For example: & so on");

  lw_field_row_set_finding (LW_FIELD_ROW (row), finding);
  g_assert_false (lw_field_row_shows_finding (LW_FIELD_ROW (row)));
  g_assert_false (lw_ui_test_shows (row, "It is <b>empty</b>."));
  lw_field_row_touch (LW_FIELD_ROW (row));
  g_assert_true (lw_ui_test_shows (row, "It is <b>empty</b>."));
  g_assert_true (lw_ui_test_shows (row, "For example: & so on"));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_TRUE);
  g_assert_true (gtk_test_accessible_has_relation (GTK_ACCESSIBLE (view),
                                                   GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE));
  lw_field_row_set_finding (LW_FIELD_ROW (row), NULL);
  g_assert_false (lw_ui_test_shows (row, "It is <b>empty</b>."));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_FALSE);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_date_row (void)
{
  GtkWidget *row = lw_date_row_new ("Expires");
  GtkWidget *window = shown (row);
  GtkWidget *entry = lw_ui_test_find (row, GTK_TYPE_ENTRY, NULL);
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  guint changed = 0;
  g_autofree char *day = NULL, *hour = NULL, *kept = NULL;

  lw_date_row_set_with_time (LW_DATE_ROW (row), TRUE);
  lw_date_row_set_now (LW_DATE_ROW (row), now);
  g_signal_connect (row, "changed", G_CALLBACK (count_up), &changed);
  lw_date_row_set_value (LW_DATE_ROW (row), "2027-02-01T04:59:59Z");
  g_assert_cmpuint (changed, ==, 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "2027-01-31");
  g_assert_true (lw_ui_test_shows (row, "in 68 days"));

  gtk_editable_set_text (GTK_EDITABLE (entry), "2027-01-30");
  g_assert_cmpuint (changed, >, 0);
  day = lw_date_row_get_value (LW_DATE_ROW (row));
  g_assert_cmpstr (day, ==, "2027-01-31T04:59:59Z");
  gtk_editable_set_text (GTK_EDITABLE (entry), "2027-01-30 14:00");
  hour = lw_date_row_get_value (LW_DATE_ROW (row));
  g_assert_cmpstr (hour, ==, "2027-01-30T19:00:00Z");
  gtk_editable_set_text (GTK_EDITABLE (entry), "end of January");
  kept = lw_date_row_get_value (LW_DATE_ROW (row));
  g_assert_cmpstr (kept, ==, "end of January");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_calendar (void)
{
  GtkWidget *row = lw_date_row_new ("Ends by");
  GtkWidget *window = shown (row);
  GtkWidget *button = lw_ui_test_find (row, GTK_TYPE_MENU_BUTTON, NULL);
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (button));
  GtkWidget *calendar = gtk_popover_get_child (popover);
  g_autoptr (GDateTime) day = g_date_time_new_local (2027, 1, 15, 12, 0, 0);
  g_autofree char *value = NULL;

  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  lw_ui_test_wait ((gboolean (*) (gpointer)) gtk_widget_get_mapped, calendar);
  gtk_calendar_select_day (GTK_CALENDAR (calendar), day);
  value = lw_date_row_get_value (LW_DATE_ROW (row));
  g_assert_cmpstr (value, ==, "2027-01-15");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_unbroken (void)
{
  GtkWidget *label = g_object_ref_sink (gtk_label_new (NULL));

  lw_label_set_unbroken (GTK_LABEL (label), "Public access, mlw-inference-07 <i>");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==,
                   "Public access, mlw-inference-07 <i>");
  g_assert_nonnull (gtk_label_get_attributes (GTK_LABEL (label)));
  lw_label_set_unbroken (GTK_LABEL (label), NULL);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, "");
  g_object_unref (label);
}

int
main (int argc, char *argv[])
{
  g_setenv ("TZ", "America/Lima", TRUE);
  lw_ui_test_init (&argc, &argv);
  g_test_add_func ("/fields/date-parse", test_date_parse);
  g_test_add_func ("/fields/end-of-day", test_end_of_day);
  g_test_add_func ("/fields/day-words", test_day_words);
  g_test_add_func ("/fields/text", test_text_row);
  g_test_add_func ("/fields/text-too-long", test_text_too_long);
  g_test_add_func ("/fields/quiet-finding", test_quiet_finding);
  g_test_add_func ("/fields/date", test_date_row);
  g_test_add_func ("/fields/calendar", test_calendar);
  g_test_add_func ("/fields/unbroken-names", test_unbroken);
  return g_test_run ();
}
