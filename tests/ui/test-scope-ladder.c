/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-form-page.h"
#include "lw-json.h"
#include "lw-scope-ladder.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"

#define GROUP   "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338/resourceGroups/rg-eval-weu"
#define ACCOUNT GROUP "/providers/Microsoft.CognitiveServices/accounts/"

typedef struct
{
  LwTestTenant *tenant;
  LwSession *session;
  LwWorkspace *workspace;
  LwForm *form;
  GtkWidget *ladder;
  GtkWidget *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request ("Two accounts", ACCOUNT "aoai-eval-weu");

  self->tenant = lw_ui_tenant_new_with (data);
  self->session = lw_ui_tenant_session (self->tenant, INGRID);
  self->workspace = lw_workspace_new (self->session);
  self->form = lw_form_new (self->workspace, request);
  self->ladder = lw_scope_ladder_new (self->form);
  g_signal_connect_swapped (self->form, "changed", G_CALLBACK (lw_scope_ladder_update),
                            self->ladder);
  g_signal_connect_swapped (self->form, "policy-changed", G_CALLBACK (lw_scope_ladder_update),
                            self->ladder);
  lw_ui_shot_style ();
  self->window = lw_ui_test_window (self->ladder, lw_ui_shot_width (700));
  lw_form_load_assignment (self->form);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->form);
  g_object_unref (self->workspace);
  g_object_unref (self->session);
  lw_test_tenant_free (self->tenant);
}

static void
collect_checks (GtkWidget *widget, GPtrArray *checks)
{
  if (GTK_IS_CHECK_BUTTON (widget))
    g_ptr_array_add (checks, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_checks (child, checks);
}

/* (transfer container) */
static GPtrArray *
rungs (Fixture *self)
{
  GPtrArray *checks = g_ptr_array_new ();

  collect_checks (self->ladder, checks);
  return checks;
}

static gboolean
has_two_rungs (gpointer data)
{
  g_autoptr (GPtrArray) checks = rungs (data);

  return checks->len >= 2 && !lw_ui_test_shows (((Fixture *) data)->ladder, "Counting");
}

static gboolean
is_shown (gpointer data)
{
  return gtk_widget_get_visible (((Fixture *) data)->ladder) &&
         lw_ui_test_shows (((Fixture *) data)->ladder, "Smallest");
}

static gboolean
is_hidden (gpointer data)
{
  return !gtk_widget_get_visible (((Fixture *) data)->ladder);
}

static void
test_one (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) checks = NULL;

  lw_ui_test_wait (is_shown, self);
  checks = rungs (self);
  g_assert_cmpuint (checks->len, ==, 1);
  g_assert_true (gtk_check_button_get_active (checks->pdata[0]));

  g_assert_true (lw_ui_test_shows (self->ladder, "Nothing new inherits it."));

  /* nothing chosen, nothing to narrow */
  lw_form_set_scope (self->form, ACCOUNT "aoai-eval-weu", FALSE);
  lw_ui_test_wait (is_hidden, self);
}

/* A step up changes scopes, selectors and numbers of grants; a step down brings the resources back. */
static void
test_steps (Fixture *self, gconstpointer data)
{
  GPtrArray *grants = lw_form_get_request (self->form)->grants;
  g_autoptr (GPtrArray) checks = NULL;
  LwGrant *grant;

  lw_ui_test_wait (is_shown, self);
  lw_form_set_scope (self->form, ACCOUNT "aoai-judge-weu", TRUE);
  lw_form_set_scope (self->form, ACCOUNT "aoai-redteam-weu", TRUE);
  lw_form_set_reference (self->form, "aiServicesNoPublicNetwork", TRUE);
  lw_form_changed (self->form);
  lw_ui_test_wait (has_two_rungs, self);
  checks = rungs (self);
  g_assert_true (gtk_check_button_get_active (checks->pdata[0]));
  lw_ui_shot (self->window, "ladder");

  gtk_check_button_set_active (checks->pdata[checks->len - 1], TRUE);
  g_assert_cmpuint (grants->len, ==, 1);
  grant = grants->pdata[0];
  g_assert_cmpint (lw_scope_kind (grant->scope), >=, LW_SCOPE_RESOURCE_GROUP);
  g_assert_cmpuint (grant->references->len, ==, 1);
  g_assert_true (gtk_check_button_get_active (checks->pdata[checks->len - 1]));
  lw_ui_test_settle ();
  /* the ladder still knows what is needed */
  g_assert_true (has_two_rungs (self));

  gtk_check_button_set_active (checks->pdata[0], TRUE);
  g_assert_cmpuint (grants->len, >=, 2);
  for (guint i = 0; i < grants->len; i++)
    {
      grant = grants->pdata[i];
      g_assert_cmpint (lw_scope_kind (grant->scope), ==, LW_SCOPE_RESOURCE);
      g_assert_nonnull (grant->assignment);
      for (guint j = 0; j < i; j++)
        g_assert_cmpuint (((LwGrant *) grants->pdata[j])->n, !=, grant->n);
    }
}

static gboolean
has_expander (gpointer data)
{
  return lw_ui_test_find (((Fixture *) data)->ladder, ADW_TYPE_EXPANDER_ROW, NULL) != NULL;
}

/* What is made later needs its resource group, and whoever else is let off is told by type. */
static void
test_new (Fixture *self, gconstpointer data)
{
  GtkWidget *row;

  lw_ui_test_wait (is_shown, self);
  lw_form_set_scope (self->form, ACCOUNT "aoai-next", TRUE);
  lw_form_set_scope (self->form, ACCOUNT "aoai-eval-weu", FALSE);
  lw_ui_test_wait (has_expander, self);
  g_assert_true (lw_ui_test_shows (self->ladder, "does not exist yet"));
  row = lw_ui_test_find (self->ladder, ADW_TYPE_EXPANDER_ROW, NULL);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  g_assert_true (lw_ui_test_shows (row, "Microsoft.CognitiveServices/accounts"));
  /* folded and unfolded again it says so once */
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), FALSE);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  lw_ui_shot (self->window, "ladder-new");
}

int
main (int argc, char **argv)
{
  lw_ui_test_init (&argc, &argv);
  g_test_add ("/ladder/one", Fixture, NULL, set_up, test_one, tear_down);
  g_test_add ("/ladder/steps", Fixture, NULL, set_up, test_steps, tear_down);
  g_test_add ("/ladder/new", Fixture, NULL, set_up, test_new, tear_down);
  return g_test_run ();
}
