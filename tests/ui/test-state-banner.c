/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-azure-error.h"
#include "lw-client-private.h"
#include "lw-pages.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"

/* What goes on is said on every page, with what mends it, until somebody read it. */

typedef AdwNavigationPage *(*PageFunc) (LwWorkspace *workspace);

static const struct
{
  const char *name;
  PageFunc create;
} pages[] = { { "requests", lw_requests_page_new },
              { "review", lw_review_page_new },
              { "portfolio", lw_portfolio_page_new },
              { "exemptions", lw_exemptions_page_new },
              { "rules", lw_rules_page_new } };

typedef struct
{
  LwTestTenant *tenant;
  LwSession *ingrid;
  LwWorkspace *workspace;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->tenant = lw_ui_tenant_new_with (data);
  self->ingrid = lw_ui_tenant_session (self->tenant, INGRID);
  self->workspace = lw_workspace_new (self->ingrid);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
  g_object_unref (self->ingrid);
  g_clear_pointer (&self->tenant, lw_test_tenant_free);
}

/* The banners below @widget that say something. */
static guint
count_banners (GtkWidget *widget, const char *title, GtkWidget **first)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (ADW_IS_BANNER (widget))
    {
      if (!adw_banner_get_revealed (ADW_BANNER (widget)) ||
          strstr (adw_banner_get_title (ADW_BANNER (widget)), title) == NULL)
        return 0;
      if (first != NULL)
        *first = widget;
      return 1;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_banners (child, title, first);
  return n;
}

typedef struct
{
  GtkWidget *page;
  const char *title;
} Wanted;

static gboolean
is_said (gpointer data)
{
  const Wanted *wanted = data;

  return count_banners (wanted->page, wanted->title, NULL) == 1;
}

static gboolean
is_silent (gpointer data)
{
  const Wanted *wanted = data;

  return count_banners (wanted->page, "", NULL) == 0;
}

/* It is said once, however many panes there are, and not again once it was read. */
static void
say (Fixture *self, GtkWidget *window, const char *id, const char *message)
{
  Wanted wanted = { window, message };
  GtkWidget *banner = NULL;

  lw_ui_test_wait (is_silent, &wanted);
  lw_client_add_notice (lw_session_get_client (self->ingrid), id, message);
  g_signal_emit_by_name (self->workspace, "portfolio-changed");
  lw_ui_test_wait (is_said, &wanted);
  lw_ui_shot (window, id);
  count_banners (window, message, &banner);
  g_signal_emit_by_name (banner, "button-clicked");
  lw_ui_test_wait (is_silent, &wanted);
}

static void
test_every_page_at (Fixture *self, int width)
{
  lw_ui_tenant_refresh (self->workspace);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      AdwNavigationPage *page = pages[i].create (self->workspace);
      GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), width);
      g_autofree char *id = g_strdup_printf ("banner-%s-%d", pages[i].name, width);
      g_autofree char *some = g_strdup_printf ("Of two lists a part is missing (%s).", id);
      g_autofree char *more = g_strdup_printf ("Of three lists a part is missing (%s).", id);

      g_test_message ("%s", id);
      say (self, window, id, some);
      say (self, window, id, more); /* more of the same is news */
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static void
test_every_page (Fixture *self, gconstpointer data)
{
  test_every_page_at (self, 1000);
}

static void
test_every_page_narrow (Fixture *self, gconstpointer data)
{
  test_every_page_at (self, 360);
}

/* Two pages are open: what was read on the one that is shown is read on the other one too. */
static void
test_read_elsewhere (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *first = lw_portfolio_page_new (self->workspace);
  AdwNavigationPage *second = lw_exemptions_page_new (self->workspace);
  GtkWidget *stack = gtk_stack_new ();
  Wanted wanted = { stack, "One list was cut" };
  GtkWidget *window, *banner = NULL;

  gtk_stack_add_child (GTK_STACK (stack), GTK_WIDGET (first));
  gtk_stack_add_child (GTK_STACK (stack), GTK_WIDGET (second));
  window = lw_ui_test_window (stack, 1000);
  lw_client_add_notice (lw_session_get_client (self->ingrid), "cut", "One list was cut.");
  g_signal_emit_by_name (self->workspace, "portfolio-changed");
  lw_ui_test_wait (is_said, &wanted);
  count_banners (stack, "", &banner);
  g_signal_emit_by_name (banner, "button-clicked");
  lw_ui_test_wait (is_silent, &wanted);
  gtk_stack_set_visible_child (GTK_STACK (stack), GTK_WIDGET (second));
  lw_ui_test_wait (is_silent, &wanted);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Resource Graph is closed to this account, and so is a scope that is asked instead. */
static const char hidden[] =
    "{\"faults\":["
    "{\"do\":\"forbidden\",\"path\":\"*/Microsoft.ResourceGraph/resources\",\"times\":0},"
    "{\"do\":\"forbidden\",\"path\":\"*/managementGroups/platform/*/policyExemptions\","
    "\"times\":0}]}";

static void
test_hidden_scopes (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));
  Wanted wanted = { GTK_WIDGET (page), "1 scope did not show its objects to this account" };

  lw_ui_tenant_refresh (self->workspace);
  lw_ui_test_wait (is_said, &wanted);
  lw_ui_shot (window, "banner-hidden-scopes");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
try_to_refresh (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unused = NULL; /* the ledger may show its local copy */

  lw_test_boolean (lw_workspace_refresh (self->workspace), &unused);
  g_assert_false (lw_test_boolean (lw_workspace_refresh_portfolio (self->workspace), &error));
  g_assert_nonnull (error);
}

/* The numbers stay, and it is said that they may be old. */
static void
test_offline (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_portfolio_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));
  Wanted wanted = { GTK_WIDGET (page), "Offline since" };

  lw_ui_tenant_refresh (self->workspace);
  lw_ui_test_wait (is_silent, &wanted);
  g_clear_pointer (&self->tenant, lw_test_tenant_free);
  try_to_refresh (self);
  lw_ui_test_wait (is_said, &wanted);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (page), "In Force"));
  lw_ui_shot (window, "banner-offline");
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
shows_failure (gpointer data)
{
  return lw_ui_test_shows (data, "Could Not Be Read");
}

/* What a page says in full, its banner does not repeat. */
static void
test_said_once (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));
  Wanted wanted = { GTK_WIDGET (page), "" };

  g_clear_pointer (&self->tenant, lw_test_tenant_free);
  try_to_refresh (self);
  lw_ui_test_wait (shows_failure, page);
  lw_ui_test_wait (is_silent, &wanted);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
  lw_ui_shot_style ();
  g_test_add ("/state-banner/every-page/wide", Fixture, NULL, set_up, test_every_page, tear_down);
  g_test_add ("/state-banner/every-page/narrow", Fixture, NULL, set_up, test_every_page_narrow,
              tear_down);
  g_test_add ("/state-banner/hidden-scopes", Fixture, hidden, set_up, test_hidden_scopes,
              tear_down);
  g_test_add ("/state-banner/read-elsewhere", Fixture, NULL, set_up, test_read_elsewhere,
              tear_down);
  g_test_add ("/state-banner/offline", Fixture, NULL, set_up, test_offline, tear_down);
  g_test_add ("/state-banner/said-once", Fixture, NULL, set_up, test_said_once, tear_down);
  return g_test_run ();
}
