/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-shell.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-check-page.h"
#include "lw-form-page.h"
#include "lw-pages.h"
#include "lw-sidebar.h"
#include "lw-sign-in-page.h"
#include "lw-switcher.h"
#include "lw-when.h"
#include "lw-widgets.h"

enum
{
  PAGE_REQUESTS,
  PAGE_REVIEW,
  PAGE_PORTFOLIO,
  PAGE_EXEMPTIONS,
  PAGE_RULES,
  N_PAGES
};

static const struct
{
  const char *name;
  AdwNavigationPage *(*create) (LwWorkspace *workspace);
} pages[N_PAGES] = {
  { "requests", lw_requests_page_new },   { "review", lw_review_page_new },
  { "portfolio", lw_portfolio_page_new }, { "exemptions", lw_exemptions_page_new },
  { "rules", lw_rules_page_new },
};

struct _LwShell
{
  AdwBreakpointBin parent_instance;

  LwConnections *connections;
  LwConnection *connection;
  GDateTime *now;
  LwSession *session;
  LwWorkspace *workspace;
  AdwNavigationPage *contents[N_PAGES];
  AdwDialog *sign_in_dialog;
  guint turn; /* what opens the connection: a newer one makes an older one void */

  GtkStack *stack;
  AdwBin *other;
  AdwNavigationView *navigation;
  AdwNavigationSplitView *split;
  LwSidebar *sidebar;
  LwSwitcher *loading_switcher;
};

static guint signed_in_signal;
static guint given_up_signal;

G_DEFINE_FINAL_TYPE (LwShell, lw_shell, ADW_TYPE_BREAKPOINT_BIN)

static void
show_other (LwShell *self, GtkWidget *child)
{
  adw_bin_set_child (self->other, child);
  gtk_stack_set_visible_child_name (self->stack, "other");
}

static void
close_workspace (LwShell *self)
{
  AdwNavigationPage *root = adw_navigation_view_find_page (self->navigation, "main");

  if (self->workspace == NULL)
    return;
  adw_navigation_view_replace (self->navigation, &root, 1);
  lw_sidebar_set_workspace (self->sidebar, NULL);
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
show_page (LwShell *self, const char *name, gboolean front)
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
new_session (LwShell *self)
{
  close_workspace (self);
  g_clear_object (&self->session);
  self->session = lw_session_new (lw_connection_get_profile (self->connection),
                                  lw_connection_get_access_token (self->connection), self->now);
}

/* Whether what stands in the pages is this person's. */
static gboolean
is_same_person (LwShell *self)
{
  const LwPerson *now = lw_session_get_person (self->session);
  const char *before = lw_workspace_get_account (self->workspace);

  return now != NULL && g_strcmp0 (now->id, before) == 0;
}

static void
show_pages (LwShell *self)
{
  gtk_stack_set_visible_child_name (self->stack, "main");
  adw_bin_set_child (self->other, NULL);
}

static void
session_ready (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_force_close (self->sign_in_dialog);
  lw_connection_set_person (self->connection, lw_session_get_person (self->session),
                            lw_session_get_organisation (self->session));
  if (self->workspace == NULL || !is_same_person (self))
    {
      close_workspace (self);
      self->workspace = lw_workspace_new (self->session);
      lw_sidebar_set_workspace (self->sidebar, self->workspace);
      show_page (self, "requests", FALSE);
      adw_navigation_split_view_set_show_content (self->split, TRUE);
    }
  if (lw_connection_is_fresh (self->connection))
    {
      GtkWidget *page = lw_check_page_new (self->session);

      lw_connection_set_fresh (self->connection, FALSE);
      g_signal_connect_object (page, "continued", G_CALLBACK (show_pages), self, G_CONNECT_SWAPPED);
      show_other (self, page);
    }
  else
    show_pages (self);
  dex_future_disown (lw_workspace_refresh (self->workspace));
  g_signal_emit (self, signed_in_signal, 0);
}

static void
sign_in_cancelled (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_close (self->sign_in_dialog);
  else if (lw_connection_get_account_id (self->connection) == NULL)
    g_signal_emit (self, given_up_signal, 0);
}

static void show_sign_in (LwShell *self, const GError *why);

/* Another certificate: another session. Pages that are open cannot take it over. */
static void
connection_edited (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_force_close (self->sign_in_dialog);
  new_session (self);
  show_sign_in (self, NULL);
}

static GtkWidget *
sign_in_page_new (LwShell *self, const GError *why)
{
  GtkWidget *page = lw_sign_in_page_new (self->session, self->connections, self->connection, why);

  g_signal_connect_object (page, "signed-in", G_CALLBACK (session_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "edited", G_CALLBACK (connection_edited), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "given-up", G_CALLBACK (sign_in_cancelled), self,
                           G_CONNECT_SWAPPED);
  return page;
}

/* Whether the person asked for it just now, and nothing has to be typed. */
static gboolean
starts_by_itself (LwShell *self)
{
  LwSignIn how = lw_profile_get_sign_in (lw_connection_get_profile (self->connection));

  return lw_connection_get_persona (self->connection) != NULL ||
         (lw_connection_is_fresh (self->connection) &&
          (how == LW_SIGN_IN_BROWSER || how == LW_SIGN_IN_DEVICE_CODE));
}

static void
show_sign_in (LwShell *self, const GError *why)
{
  GtkWidget *page = sign_in_page_new (self, why);

  show_other (self, page);
  if (why == NULL && starts_by_itself (self))
    lw_sign_in_page_start (LW_SIGN_IN_PAGE (page));
}

static void
show_problem (LwShell *self, const GError *error)
{
  GtkWidget *view = adw_toolbar_view_new ();
  GtkWidget *header = adw_header_bar_new ();

  adw_header_bar_set_show_title (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header),
                             lw_switcher_new (self->connections, self->connection));
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), header);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view),
                                lw_error_status_page (_ ("The Connection Cannot Be Opened"), error,
                                                      G_CALLBACK (lw_shell_open), self));
  show_other (self, view);
}

static gboolean
asks_to_sign_in (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_LOCKED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_REFUSED);
}

/* Nobody signed in yet, or nothing was given yet: the page asks for it anyway. */
static gboolean
is_first_time (const GError *error)
{
  static const char *const codes[] = { LW_SIGN_IN_NOBODY, LW_SIGN_IN_NEEDS_ACCOUNT,
                                       LW_SIGN_IN_NEEDS_SECRET, LW_SIGN_IN_NEEDS_TOKEN, NULL };
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) && details != NULL &&
         details->code != NULL && details->claims == NULL && g_strv_contains (codes, details->code);
}

static void
opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error == NULL)
    session_ready (self);
  else if (lw_connection_get_access_token (self->connection) != NULL || !asks_to_sign_in (error))
    show_problem (self, error);
  else
    show_sign_in (self, is_first_time (error) ? NULL : error);
}

static void
discovered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (GError) local = NULL;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error == NULL)
    profile = lw_profile_with_cloud (lw_connection_get_profile (self->connection),
                                     g_value_get_boxed (value), &local);
  if (profile == NULL)
    {
      show_problem (self, error != NULL ? error : local);
      return;
    }
  lw_connection_set_profile (self->connection, profile);
  lw_shell_open (self);
}

void
lw_shell_open (LwShell *self)
{
  LwProfile *profile;

  g_return_if_fail (LW_IS_SHELL (self));
  profile = lw_connection_get_profile (self->connection);
  self->turn++;
  if (lw_profile_needs_endpoints (profile))
    {
      gtk_stack_set_visible_child_name (self->stack, "loading");
      lw_when (
          lw_cloud_discover (lw_profile_get_cloud (profile)->arm, lw_profile_get_ca_file (profile)),
          self, discovered, GUINT_TO_POINTER (self->turn), NULL);
      return;
    }
  if (self->session == NULL)
    new_session (self);
  /* Who set it up just now chooses an account; what the keyring may have is another one's. */
  if (lw_connection_get_demo (self->connection) != NULL ||
      lw_connection_is_fresh (self->connection))
    {
      show_sign_in (self, NULL);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "loading");
  lw_when (lw_session_open (self->session), self, opened, GUINT_TO_POINTER (self->turn), NULL);
}

static void
dialog_closed (LwShell *self)
{
  self->sign_in_dialog = NULL;
}

void
lw_shell_sign_in (LwShell *self)
{
  g_autoptr (GError) why = NULL;

  g_return_if_fail (LW_IS_SHELL (self));
  if (self->session == NULL || self->sign_in_dialog != NULL)
    return;
  if (self->workspace == NULL)
    {
      show_sign_in (self, NULL);
      return;
    }
  /* The pages stay under it, with all that was typed. */
  g_object_get (self->workspace, "error", &why, NULL);
  self->sign_in_dialog = adw_dialog_new ();
  adw_dialog_set_title (self->sign_in_dialog, _ ("Sign In Again"));
  adw_dialog_set_content_width (self->sign_in_dialog, 520);
  adw_dialog_set_content_height (self->sign_in_dialog, 620);
  adw_dialog_set_child (self->sign_in_dialog,
                        sign_in_page_new (self, asks_to_sign_in (why) ? why : NULL));
  g_signal_connect_object (self->sign_in_dialog, "closed", G_CALLBACK (dialog_closed), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (self->sign_in_dialog, GTK_WIDGET (self));
}

static void
signed_out (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  new_session (self);
  show_sign_in (self, error);
}

DexFuture *
lw_shell_forget (LwShell *self)
{
  g_autoptr (LwIdentity) unused = NULL;

  g_return_val_if_fail (LW_IS_SHELL (self), NULL);
  /* The one at work, so that a refresh that is under way writes nothing back. */
  if (self->session != NULL)
    return lw_session_sign_out (self->session);
  unused = lw_identity_new (lw_connection_get_profile (self->connection));
  return lw_identity_sign_out (unused);
}

static void
sign_out_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->session == NULL)
    return;
  close_workspace (self);
  gtk_stack_set_visible_child_name (self->stack, "loading");
  lw_when (lw_session_sign_out (self->session), self, signed_out, GUINT_TO_POINTER (++self->turn),
           NULL);
}

static void
sign_in_action (GtkWidget *widget, const char *name, GVariant *target)
{
  lw_shell_sign_in (LW_SHELL (widget));
}

static void
form_closed (LwShell *self, AdwNavigationPage *form)
{
  if (adw_navigation_view_get_visible_page (self->navigation) == form)
    adw_navigation_view_pop (self->navigation);
}

static void
push_form (LwShell *self, const LwRequest *request)
{
  AdwNavigationPage *form = lw_form_page_new (self->workspace, request);

  g_signal_connect_object (form, "closed", G_CALLBACK (form_closed), self, G_CONNECT_SWAPPED);
  adw_navigation_view_push (self->navigation, form);
}

/* The form that is open. (transfer none) (nullable) */
static LwFormPage *
get_form (LwShell *self)
{
  AdwNavigationPage *page = adw_navigation_view_get_visible_page (self->navigation);

  return LW_IS_FORM_PAGE (page) ? LW_FORM_PAGE (page) : NULL;
}

DexFuture *
lw_shell_flush (LwShell *self)
{
  LwFormPage *form;

  g_return_val_if_fail (LW_IS_SHELL (self), NULL);
  form = get_form (self);
  return form != NULL ? lw_form_page_flush (form) : dex_future_new_for_boolean (TRUE);
}

static void
new_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->workspace != NULL && get_form (self) == NULL)
    push_form (self, NULL);
}

static gboolean
open_draft (LwShell *self, const char *id)
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

/* (transfer none) (nullable) */
static LwCase *
find_case (LwShell *self, const char *id)
{
  GListModel *cases = lw_workspace_get_cases (self->workspace);

  for (guint i = 0; i < g_list_model_get_n_items (cases); i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (cases, i);
      LwCase *value = lw_case_item_get_case (item);

      if (g_strcmp0 (value->request_id, id) == 0)
        return value;
    }
  return NULL;
}

static void
open_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);
  const char *id = g_variant_get_string (target, NULL);
  LwCase *value;

  if (self->workspace == NULL || get_form (self) != NULL || open_draft (self, id))
    return;
  value = find_case (self, id);
  if (value == NULL)
    return;
  show_page (self, "requests", TRUE);
  lw_requests_page_open_case (self->contents[PAGE_REQUESTS], value);
}

static void
edit_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);
  const char *id = g_variant_get_string (target, NULL);
  LwCase *value;

  if (self->workspace == NULL || get_form (self) != NULL || open_draft (self, id))
    return;
  value = find_case (self, id);
  if (value != NULL && value->content != NULL)
    push_form (self, value->content);
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (get_form (self) == NULL)
    show_page (self, g_variant_get_string (target, NULL), TRUE);
}

static void
show_tile_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->workspace == NULL || get_form (self) != NULL)
    return;
  show_page (self, "exemptions", TRUE);
  lw_exemptions_page_set_filter (self->contents[PAGE_EXEMPTIONS], g_variant_get_uint32 (target));
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->workspace != NULL)
    dex_future_disown (lw_workspace_refresh (self->workspace));
}

static void
switcher_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);
  const char *shown = gtk_stack_get_visible_child_name (self->stack);
  GtkWidget *page = adw_bin_get_child (self->other);

  if (g_strcmp0 (shown, "main") == 0 && get_form (self) == NULL)
    {
      adw_navigation_split_view_set_show_content (self->split, FALSE);
      lw_sidebar_popup_switcher (self->sidebar);
    }
  else if (g_strcmp0 (shown, "other") == 0 && LW_IS_SIGN_IN_PAGE (page))
    lw_sign_in_page_popup_switcher (LW_SIGN_IN_PAGE (page));
}

LwConnection *
lw_shell_get_connection (LwShell *self)
{
  g_return_val_if_fail (LW_IS_SHELL (self), NULL);
  return self->connection;
}

gboolean
lw_shell_has_workspace (LwShell *self)
{
  g_return_val_if_fail (LW_IS_SHELL (self), FALSE);
  return self->workspace != NULL;
}

void
lw_shell_close (LwShell *self)
{
  g_return_if_fail (LW_IS_SHELL (self));
  self->turn++;
  if (self->sign_in_dialog != NULL)
    adw_dialog_force_close (self->sign_in_dialog);
  close_workspace (self);
  adw_bin_set_child (self->other, NULL);
}

static void
lw_shell_dispose (GObject *object)
{
  LwShell *self = LW_SHELL (object);

  self->turn++;
  if (self->workspace != NULL)
    lw_workspace_close (self->workspace);
  for (guint i = 0; i < N_PAGES; i++)
    g_clear_object (&self->contents[i]);
  g_clear_object (&self->workspace);
  g_clear_object (&self->session);
  g_clear_object (&self->connection);
  g_clear_object (&self->connections);
  g_clear_pointer (&self->now, g_date_time_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SHELL);
  G_OBJECT_CLASS (lw_shell_parent_class)->dispose (object);
}

static void
lw_shell_class_init (LwShellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_shell_dispose;
  g_type_ensure (LW_TYPE_SIDEBAR);
  g_type_ensure (LW_TYPE_SWITCHER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-shell.ui");
  gtk_widget_class_bind_template_child (widget_class, LwShell, stack);
  gtk_widget_class_bind_template_child (widget_class, LwShell, other);
  gtk_widget_class_bind_template_child (widget_class, LwShell, navigation);
  gtk_widget_class_bind_template_child (widget_class, LwShell, split);
  gtk_widget_class_bind_template_child (widget_class, LwShell, sidebar);
  gtk_widget_class_bind_template_child (widget_class, LwShell, loading_switcher);
  gtk_widget_class_install_action (widget_class, "shell.new-request", NULL, new_request_action);
  gtk_widget_class_install_action (widget_class, "shell.open-request", "s", open_request_action);
  gtk_widget_class_install_action (widget_class, "shell.edit-request", "s", edit_request_action);
  gtk_widget_class_install_action (widget_class, "shell.show-page", "s", show_page_action);
  gtk_widget_class_install_action (widget_class, "shell.show-tile", "u", show_tile_action);
  gtk_widget_class_install_action (widget_class, "shell.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "shell.sign-in", NULL, sign_in_action);
  gtk_widget_class_install_action (widget_class, "shell.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "shell.switcher", NULL, switcher_action);
  signed_in_signal = g_signal_new ("signed-in", LW_TYPE_SHELL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  given_up_signal = g_signal_new ("given-up", LW_TYPE_SHELL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
lw_shell_init (LwShell *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_shell_new (LwConnections *connections, LwConnection *connection, GDateTime *now)
{
  LwShell *self;

  g_return_val_if_fail (LW_IS_CONNECTIONS (connections), NULL);
  g_return_val_if_fail (LW_IS_CONNECTION (connection), NULL);
  self = g_object_new (LW_TYPE_SHELL, NULL);
  self->connections = g_object_ref (connections);
  self->connection = g_object_ref (connection);
  self->now = now != NULL ? g_date_time_ref (now) : NULL;
  lw_sidebar_set_connection (self->sidebar, connections, connection);
  lw_switcher_set (self->loading_switcher, connections, connection);
  return GTK_WIDGET (self);
}
