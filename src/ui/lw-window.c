/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-window.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-demo.h"
#include "lw-form-page.h"
#include "lw-pages.h"
#include "lw-settings.h"
#include "lw-setup-page.h"
#include "lw-shortcuts.h"
#include "lw-sidebar.h"
#include "lw-sign-in-page.h"
#include "lw-widgets.h"

enum
{
  PAGE_REQUESTS,
  PAGE_REVIEW,
  PAGE_PORTFOLIO,
  PAGE_EXEMPTIONS,
  N_PAGES
};

static const struct
{
  const char *name;
  AdwNavigationPage *(*create) (LwWorkspace *workspace);
} pages[N_PAGES] = {
  { "requests", lw_requests_page_new },
  { "review", lw_review_page_new },
  { "portfolio", lw_portfolio_page_new },
  { "exemptions", lw_exemptions_page_new },
};

struct _LwWindow
{
  AdwApplicationWindow parent_instance;

  LwProfile *profile;
  LwDemo *demo;
  char *access_token;
  GDateTime *now;
  LwSession *session;
  LwWorkspace *workspace;
  AdwNavigationPage *contents[N_PAGES];
  guint turn; /* what opens a connection: a newer one makes an older one void */
  gboolean flushed;

  GtkStack *stack;
  AdwBin *other;
  AdwNavigationView *navigation;
  AdwNavigationSplitView *split;
  LwSidebar *sidebar;
};

G_DEFINE_FINAL_TYPE (LwWindow, lw_window, ADW_TYPE_APPLICATION_WINDOW)

/* A fiber of the window's own. */
typedef struct
{
  LwWindow *window;
  guint turn;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_object_unref (run->window);
  g_free (run);
}

/* Whether the window is still there and waits for this one. */
static gboolean
is_wanted (const Run *run)
{
  return run->turn == run->window->turn;
}

/* Runs what opens a connection; whatever ran before is void. */
static void
start (LwWindow *self, DexFiberFunc func)
{
  Run *run = g_new0 (Run, 1);

  run->window = g_object_ref (self);
  run->turn = ++self->turn;
  dex_future_disown (dex_scheduler_spawn (NULL, 0, func, run, run_free));
}

static void
show_other (LwWindow *self, GtkWidget *child)
{
  adw_bin_set_child (self->other, child);
  gtk_stack_set_visible_child_name (self->stack, "other");
}

static GtkWidget *
with_header (GtkWidget *content)
{
  GtkWidget *view = adw_toolbar_view_new ();

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), content);
  return view;
}

static void
close_workspace (LwWindow *self)
{
  AdwNavigationPage *root = adw_navigation_view_find_page (self->navigation, "main");

  adw_navigation_view_replace (self->navigation, &root, 1);
  lw_sidebar_set_workspace (self->sidebar, NULL, NULL);
  if (self->workspace != NULL)
    lw_workspace_close (self->workspace);
  for (guint i = 0; i < N_PAGES; i++)
    g_clear_object (&self->contents[i]);
  g_clear_object (&self->workspace);
}

static guint
find_page (const char *name)
{
  for (guint i = 0; i < N_PAGES; i++)
    if (g_strcmp0 (name, pages[i].name) == 0)
      return i;
  return PAGE_REQUESTS;
}

static void
show_page (LwWindow *self, const char *name, gboolean front)
{
  guint page = find_page (name);

  if (self->workspace == NULL)
    return;
  if (self->contents[page] == NULL)
    self->contents[page] = g_object_ref_sink (pages[page].create (self->workspace));
  adw_navigation_split_view_set_content (self->split, self->contents[page]);
  if (front)
    adw_navigation_split_view_set_show_content (self->split, TRUE);
  lw_sidebar_set_page (self->sidebar, pages[page].name);
}

static void
session_ready (LwWindow *self)
{
  close_workspace (self);
  self->workspace = lw_workspace_new (self->session);
  lw_sidebar_set_workspace (self->sidebar, self->workspace, self->demo);
  show_page (self, "requests", FALSE);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "main");
  adw_bin_set_child (self->other, NULL);
  dex_future_disown (lw_workspace_refresh (self->workspace));
}

static void
show_sign_in (LwWindow *self, const GError *why, const char *start)
{
  GtkWidget *page = lw_sign_in_page_new (self->session, self->demo, why);

  g_signal_connect_object (page, "signed-in", G_CALLBACK (session_ready), self, G_CONNECT_SWAPPED);
  show_other (self, page);
  if (start != NULL)
    lw_sign_in_page_start (LW_SIGN_IN_PAGE (page), start);
}

static DexFuture *open_fiber (gpointer data);

static void
open_again (LwWindow *self)
{
  start (self, open_fiber);
}

/* Opens the connection with what the keyring or the caller has; else asks to sign in. */
static DexFuture *
open_fiber (gpointer data)
{
  Run *run = data;
  LwWindow *self = run->window;
  g_autoptr (GError) error = NULL;
  gboolean opened;

  gtk_stack_set_visible_child_name (self->stack, "loading");
  opened = dex_await (lw_session_open (self->session), &error);
  if (!is_wanted (run))
    return dex_future_new_for_boolean (FALSE);
  if (opened)
    session_ready (self);
  else if (self->access_token == NULL &&
           g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
    show_sign_in (self, NULL, NULL);
  else if (self->access_token == NULL &&
           (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_LOCKED) ||
            g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING) ||
            g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_REFUSED)))
    show_sign_in (self, error, NULL);
  else
    show_other (self, with_header (lw_error_status_page (_ ("The Connection Cannot Be Opened"),
                                                         error, G_CALLBACK (open_again), self)));
  return dex_future_new_for_boolean (TRUE);
}

static void
new_session (LwWindow *self)
{
  close_workspace (self);
  g_clear_object (&self->session);
  self->session = lw_session_new (self->profile, self->access_token, self->now);
}

void
lw_window_open_profile (LwWindow *self, LwProfile *profile, const char *access_token)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  g_clear_object (&self->demo);
  lw_profile_ref (profile);
  g_clear_pointer (&self->profile, lw_profile_unref);
  self->profile = profile;
  g_set_str (&self->access_token, access_token);
  new_session (self);
  start (self, open_fiber);
}

static void
demo_again (LwWindow *self)
{
  lw_window_open_demo (self, NULL);
}

static DexFuture *
demo_fiber (gpointer data)
{
  Run *run = data;
  LwWindow *self = run->window;
  g_autofree char *persona = g_strdup (g_object_get_data (G_OBJECT (self), "persona"));
  g_autoptr (GError) error = NULL;
  gboolean started = dex_await (lw_demo_start (self->demo), &error);

  if (!is_wanted (run))
    return dex_future_new_for_boolean (FALSE);
  if (!started)
    {
      show_other (self, with_header (lw_error_status_page (_ ("The Demo Cannot Start"), error,
                                                           G_CALLBACK (demo_again), self)));
      return dex_future_new_for_boolean (FALSE);
    }
  g_clear_pointer (&self->profile, lw_profile_unref);
  self->profile = lw_profile_ref (lw_demo_get_profile (self->demo));
  new_session (self);
  show_sign_in (self, NULL, persona);
  return dex_future_new_for_boolean (TRUE);
}

void
lw_window_open_demo (LwWindow *self, const char *persona)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  close_workspace (self);
  g_clear_pointer (&self->access_token, g_free);
  g_clear_object (&self->demo);
  self->demo = lw_demo_new ();
  g_object_set_data_full (G_OBJECT (self), "persona", g_strdup (persona), g_free);
  gtk_stack_set_visible_child_name (self->stack, "loading");
  start (self, demo_fiber);
}

void
lw_window_set_now (LwWindow *self, GDateTime *now)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  g_clear_pointer (&self->now, g_date_time_unref);
  self->now = now != NULL ? g_date_time_ref (now) : NULL;
}

static void
setup_connect (LwWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_load (path, &error);

  if (profile == NULL)
    {
      lw_window_show_problem (self, _ ("The Connection Cannot Be Opened"), error);
      return;
    }
  lw_profiles_set_last (path);
  lw_window_open_profile (self, profile, NULL);
}

void
lw_window_show_setup (LwWindow *self)
{
  GtkWidget *page;

  g_return_if_fail (LW_IS_WINDOW (self));
  page = lw_setup_page_new ();
  g_signal_connect_object (page, "connect", G_CALLBACK (setup_connect), self, G_CONNECT_SWAPPED);
  show_other (self, page);
}

void
lw_window_show_problem (LwWindow *self, const char *title, const GError *error)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  show_other (self, with_header (lw_error_status_page (title, error,
                                                       G_CALLBACK (lw_window_show_setup), self)));
}

static void
form_closed (LwWindow *self, AdwNavigationPage *form)
{
  if (adw_navigation_view_get_visible_page (self->navigation) == form)
    adw_navigation_view_pop (self->navigation);
}

static void
push_form (LwWindow *self, const LwRequest *request)
{
  AdwNavigationPage *form = lw_form_page_new (self->workspace, request);

  g_signal_connect_object (form, "closed", G_CALLBACK (form_closed), self, G_CONNECT_SWAPPED);
  adw_navigation_view_push (self->navigation, form);
}

static gboolean
form_is_open (LwWindow *self)
{
  return LW_IS_FORM_PAGE (adw_navigation_view_get_visible_page (self->navigation));
}

static void
new_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->workspace != NULL && !form_is_open (self))
    push_form (self, NULL);
}

static gboolean
open_draft (LwWindow *self, const char *id)
{
  GListModel *drafts = lw_workspace_get_draft_items (self->workspace);

  for (guint i = 0; i < g_list_model_get_n_items (drafts); i++)
    {
      g_autoptr (LwDraftItem) item = g_list_model_get_item (drafts, i);

      if (g_strcmp0 (lw_draft_item_get_request (item)->id, id) == 0)
        {
          push_form (self, lw_draft_item_get_request (item));
          return TRUE;
        }
    }
  return FALSE;
}

static void
open_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  const char *id = g_variant_get_string (target, NULL);
  GListModel *cases;

  if (self->workspace == NULL || form_is_open (self) || open_draft (self, id))
    return;
  cases = lw_workspace_get_cases (self->workspace);
  for (guint i = 0; i < g_list_model_get_n_items (cases); i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (cases, i);
      LwCase *value = lw_case_item_get_case (item);

      if (g_strcmp0 (value->request_id, id) != 0)
        continue;
      show_page (self, "requests", TRUE);
      lw_requests_page_open_case (self->contents[PAGE_REQUESTS], value);
      return;
    }
}

static void
edit_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  const char *id = g_variant_get_string (target, NULL);
  GListModel *cases;

  if (self->workspace == NULL || form_is_open (self) || open_draft (self, id))
    return;
  cases = lw_workspace_get_cases (self->workspace);
  for (guint i = 0; i < g_list_model_get_n_items (cases); i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (cases, i);
      LwCase *value = lw_case_item_get_case (item);

      if (g_strcmp0 (value->request_id, id) == 0 && value->content != NULL)
        {
          push_form (self, value->content);
          return;
        }
    }
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (!form_is_open (self))
    show_page (self, g_variant_get_string (target, NULL), TRUE);
}

static void
show_tile_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->workspace == NULL || form_is_open (self))
    return;
  show_page (self, "exemptions", TRUE);
  lw_exemptions_page_set_filter (self->contents[PAGE_EXEMPTIONS], g_variant_get_uint32 (target));
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->workspace != NULL)
    dex_future_disown (lw_workspace_refresh (self->workspace));
}

static void
sign_in_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->session == NULL)
    return;
  close_workspace (self);
  show_sign_in (self, NULL, NULL);
}

static DexFuture *
sign_out_fiber (gpointer data)
{
  Run *run = data;
  LwWindow *self = run->window;
  g_autoptr (GError) error = NULL;
  g_autofree char *persona = g_strdup (g_object_get_data (G_OBJECT (self), "persona"));

  close_workspace (self);
  gtk_stack_set_visible_child_name (self->stack, "loading");
  dex_await (lw_session_sign_out (self->session), &error);
  if (!is_wanted (run))
    return dex_future_new_for_boolean (FALSE);
  new_session (self);
  show_sign_in (self, error, persona);
  return dex_future_new_for_boolean (TRUE);
}

static void
sign_out_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->session == NULL)
    return;
  g_object_set_data (G_OBJECT (self), "persona", NULL);
  start (self, sign_out_fiber);
}

static void
persona_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);

  if (self->session == NULL || self->demo == NULL)
    return;
  g_object_set_data_full (G_OBJECT (self), "persona",
                          g_strdup (g_variant_get_string (target, NULL)), g_free);
  start (self, sign_out_fiber);
}

static void
shortcuts_action (GtkWidget *widget, const char *name, GVariant *target)
{
  lw_shortcuts_dialog_present (widget);
}

static DexFuture *
flush_fiber (gpointer data)
{
  LwWindow *self = data;
  AdwNavigationPage *form = adw_navigation_view_get_visible_page (self->navigation);
  g_autoptr (GError) error = NULL;

  if (LW_IS_FORM_PAGE (form) && !dex_await (lw_form_page_flush (LW_FORM_PAGE (form)), &error))
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The Draft Could Not Be Saved"), error);
      return dex_future_new_for_boolean (FALSE);
    }
  self->flushed = TRUE;
  gtk_window_close (GTK_WINDOW (self));
  return dex_future_new_for_boolean (TRUE);
}

static void
remember_size (LwWindow *self)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  int width, height;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (width >= 360 && height >= 294)
    {
      g_settings_set_int (settings, "window-width", width);
      g_settings_set_int (settings, "window-height", height);
    }
  g_settings_set_boolean (settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
}

static gboolean
lw_window_close_request (GtkWindow *window)
{
  LwWindow *self = LW_WINDOW (window);

  if (form_is_open (self) && !self->flushed)
    {
      dex_future_disown (
          dex_scheduler_spawn (NULL, 0, flush_fiber, g_object_ref (self), g_object_unref));
      return TRUE;
    }
  remember_size (self);
  self->turn++;
  close_workspace (self);
  return GTK_WINDOW_CLASS (lw_window_parent_class)->close_request (window);
}

static void
lw_window_dispose (GObject *object)
{
  LwWindow *self = LW_WINDOW (object);

  self->turn++;
  if (self->workspace != NULL)
    lw_workspace_close (self->workspace);
  for (guint i = 0; i < N_PAGES; i++)
    g_clear_object (&self->contents[i]);
  g_clear_object (&self->workspace);
  g_clear_object (&self->session);
  if (self->demo != NULL)
    lw_demo_stop (self->demo);
  g_clear_object (&self->demo);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_WINDOW);
  G_OBJECT_CLASS (lw_window_parent_class)->dispose (object);
}

static void
lw_window_finalize (GObject *object)
{
  LwWindow *self = LW_WINDOW (object);

  g_clear_pointer (&self->profile, lw_profile_unref);
  g_clear_pointer (&self->access_token, g_free);
  g_clear_pointer (&self->now, g_date_time_unref);
  G_OBJECT_CLASS (lw_window_parent_class)->finalize (object);
}

static void
lw_window_class_init (LwWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = lw_window_close_request;
  g_type_ensure (LW_TYPE_SIDEBAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-window.ui");
  gtk_widget_class_bind_template_child (widget_class, LwWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, LwWindow, other);
  gtk_widget_class_bind_template_child (widget_class, LwWindow, navigation);
  gtk_widget_class_bind_template_child (widget_class, LwWindow, split);
  gtk_widget_class_bind_template_child (widget_class, LwWindow, sidebar);
  gtk_widget_class_install_action (widget_class, "win.new-request", NULL, new_request_action);
  gtk_widget_class_install_action (widget_class, "win.open-request", "s", open_request_action);
  gtk_widget_class_install_action (widget_class, "win.edit-request", "s", edit_request_action);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_action);
  gtk_widget_class_install_action (widget_class, "win.show-tile", "u", show_tile_action);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "win.sign-in", NULL, sign_in_action);
  gtk_widget_class_install_action (widget_class, "win.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "win.persona", "s", persona_action);
  gtk_widget_class_install_action (widget_class, "win.shortcuts", NULL, shortcuts_action);
}

static void
lw_window_init (LwWindow *self)
{
  g_autoptr (GSettings) settings = lw_settings_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  if (settings != NULL)
    {
      gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                                   g_settings_get_int (settings, "window-height"));
      if (g_settings_get_boolean (settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    }
#ifdef LW_DEVELOPMENT
  if (g_str_has_suffix (LW_APP_ID, ".Devel"))
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
#endif
}

LwWindow *
lw_window_new (AdwApplication *application)
{
  return g_object_new (LW_TYPE_WINDOW, "application", application, NULL);
}
