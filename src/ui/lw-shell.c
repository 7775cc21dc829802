/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-shell-private.h"

#include <glib/gi18n-lib.h>

#include "lw-form-page.h"
#include "lw-pages.h"
#include "lw-sign-in-page.h"
#include "lw-when.h"
#include "lw-widgets.h"

static const struct
{
  const char *name;
  AdwNavigationPage *(*create) (LwWorkspace *workspace);
} pages[N_PAGES] = {
  { "requests", lw_requests_page_new },   { "review", lw_review_page_new },
  { "portfolio", lw_portfolio_page_new }, { "exemptions", lw_exemptions_page_new },
  { "rules", lw_rules_page_new },
};

static guint signed_in_signal;
static guint given_up_signal;

G_DEFINE_FINAL_TYPE (LwShell, lw_shell, ADW_TYPE_BREAKPOINT_BIN)

void
lw_shell_show_other (LwShell *self, GtkWidget *child)
{
  adw_bin_set_child (self->other, child);
  gtk_stack_set_visible_child_name (self->stack, "other");
}

void
lw_shell_close_workspace (LwShell *self)
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

void
lw_shell_show_page (LwShell *self, const char *name, gboolean front)
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

void
lw_shell_emit_signed_in (LwShell *self)
{
  g_signal_emit (self, signed_in_signal, 0);
}

void
lw_shell_emit_given_up (LwShell *self)
{
  g_signal_emit (self, given_up_signal, 0);
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

static void
show_case (LwShell *self, LwCase *value, gboolean edit)
{
  if (edit && value->content != NULL)
    push_form (self, value->content);
  else if (!edit)
    {
      lw_shell_show_page (self, "requests", TRUE);
      lw_requests_page_open_case (self->contents[PAGE_REQUESTS], value);
    }
}

static void
case_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (self->workspace == NULL || get_form (self) != NULL)
    return;
  if (value == NULL)
    lw_error_dialog (GTK_WIDGET (self), _ ("The Request Could Not Be Read"), error);
  else
    show_case (self, lw_workspace_note_case (self->workspace, g_value_get_boxed (value), 0),
               GPOINTER_TO_INT (data));
}

static void
open_request (LwShell *self, const char *id, gboolean edit)
{
  LwCase *value;

  if (self->workspace == NULL || get_form (self) != NULL || open_draft (self, id))
    return;
  value = lw_workspace_find_case (self->workspace, id, 0, NULL);
  if (value != NULL)
    show_case (self, value, edit);
  else
    lw_when (lw_workspace_load_case (self->workspace, id), self, case_read, GINT_TO_POINTER (edit),
             NULL);
}

static void
open_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  open_request (LW_SHELL (widget), g_variant_get_string (target, NULL), FALSE);
}

static void
edit_request_action (GtkWidget *widget, const char *name, GVariant *target)
{
  open_request (LW_SHELL (widget), g_variant_get_string (target, NULL), TRUE);
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (get_form (self) == NULL)
    lw_shell_show_page (self, g_variant_get_string (target, NULL), TRUE);
}

static void
show_tile_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->workspace == NULL || get_form (self) != NULL)
    return;
  lw_shell_show_page (self, "exemptions", TRUE);
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
  lw_shell_close_workspace (self);
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
  g_clear_pointer (&self->people, g_ptr_array_unref);
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
  gtk_widget_class_install_action (widget_class, "shell.sign-in", NULL, lw_shell_sign_in_action);
  gtk_widget_class_install_action (widget_class, "shell.sign-out", NULL, lw_shell_sign_out_action);
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
