/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-sidebar.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-ledger-error.h"
#include "lw-outbox-button.h"

struct _LwSidebar
{
  AdwBin parent_instance;

  LwWorkspace *workspace;
  GSignalGroup *signals;

  LwSwitcher *switcher;
  GtkListBox *list;
  GtkListBoxRow *requests_row;
  GtkListBoxRow *review_row;
  GtkListBoxRow *portfolio_row;
  GtkListBoxRow *exemptions_row;
  GtkListBoxRow *rules_row;
  GtkLabel *requests_count;
  GtkLabel *review_count;
  GtkLabel *exemptions_count;
  LwOutboxButton *outbox;
  GtkImage *status_icon;
  GtkLabel *status;
};

G_DEFINE_FINAL_TYPE (LwSidebar, lw_sidebar, ADW_TYPE_BIN)

static const char *const page_names[] = { "requests", "review", "portfolio", "exemptions",
                                          "rules" };

static GtkListBoxRow *
row_of (LwSidebar *self, const char *page)
{
  GtkListBoxRow *rows[] = { self->requests_row, self->review_row, self->portfolio_row,
                            self->exemptions_row, self->rules_row };

  for (guint i = 0; i < G_N_ELEMENTS (page_names); i++)
    if (g_strcmp0 (page, page_names[i]) == 0)
      return rows[i];
  return NULL;
}

static void
row_activated (LwSidebar *self, GtkListBoxRow *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (page_names); i++)
    if (row_of (self, page_names[i]) == row)
      gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", page_names[i]);
}

static void
separate (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  LwSidebar *self = user_data;

  if (row != self->portfolio_row || gtk_list_box_row_get_header (row) != NULL)
    return;
  gtk_list_box_row_set_header (row, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
}

static void
set_count (GtkLabel *label, guint count)
{
  g_autofree char *text = g_strdup_printf ("%u", count);

  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), count > 0);
}

static void
describe_row (GtkListBoxRow *row, const char *title, guint count, const char *counted)
{
  g_autofree char *label =
      count > 0 ? g_strdup_printf ("%s, %s", title, counted) : g_strdup (title);

  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
update_counts (LwSidebar *self)
{
  guint review = 0, mine = 0, exemptions = 0;
  g_autofree char *mine_text = NULL, *review_text = NULL, *exemptions_text = NULL;

  if (self->workspace != NULL)
    {
      LwPortfolio *portfolio = lw_workspace_get_portfolio (self->workspace);

      g_object_get (self->workspace, "review-count", &review, "mine-count", &mine, NULL);
      if (portfolio != NULL)
        exemptions = g_list_model_get_n_items (lw_portfolio_get_items (portfolio));
    }
  set_count (self->requests_count, mine);
  set_count (self->review_count, review);
  set_count (self->exemptions_count, exemptions);
  mine_text = g_strdup_printf (ngettext ("%u needs you", "%u need you", mine), mine);
  review_text = g_strdup_printf (ngettext ("%u waiting", "%u waiting", review), review);
  exemptions_text = g_strdup_printf ("%u", exemptions);
  describe_row (self->requests_row, _ ("My Requests"), mine, mine_text);
  describe_row (self->review_row, _ ("To Review"), review, review_text);
  describe_row (self->portfolio_row, _ ("Portfolio"), 0, "");
  describe_row (self->exemptions_row, _ ("Exemptions"), exemptions, exemptions_text);
  describe_row (self->rules_row, _ ("Rules"), 0, "");
}

static void
update_status (LwSidebar *self)
{
  g_autoptr (GDateTime) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *time = NULL;
  g_autofree char *text = NULL;
  gboolean loading = FALSE;
  double progress = 0;

  if (self->workspace != NULL)
    g_object_get (self->workspace, "loaded-at", &loaded, "error", &error, "loading", &loading,
                  "progress", &progress, NULL);
  if (loaded != NULL)
    {
      g_autoptr (GDateTime) local = g_date_time_to_local (loaded);

      time = g_date_time_format (local, "%H:%M");
    }
  if (error != NULL)
    {
      gboolean offline = g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
                         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
                         g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);

      gtk_image_set_from_icon_name (self->status_icon,
                                    offline ? "lw-offline-symbolic" : "dialog-warning-symbolic");
      if (time == NULL)
        text = g_strdup (offline ? _ ("Offline") : _ ("Not up to date"));
      else if (offline)
        text = g_strdup_printf (_ ("Offline, as of %s"), time);
      else
        text = g_strdup_printf (_ ("Not up to date, as of %s"), time);
      gtk_widget_add_css_class (GTK_WIDGET (self->status), "warning");
      gtk_widget_add_css_class (GTK_WIDGET (self->status_icon), "warning");
    }
  else
    {
      gtk_image_set_from_icon_name (self->status_icon, loading ? "content-loading-symbolic"
                                                               : "object-select-symbolic");
      if (progress > 0)
        text = g_strdup_printf (_ ("Reading, %d %%"), (int) (progress * 100));
      else if (loading)
        text = g_strdup (_ ("Reading…"));
      else if (time != NULL)
        text = g_strdup_printf (_ ("Up to date, %s"), time);
      gtk_widget_remove_css_class (GTK_WIDGET (self->status), "warning");
      gtk_widget_remove_css_class (GTK_WIDGET (self->status_icon), "warning");
    }
  gtk_label_set_text (self->status, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->status_icon), text != NULL);
}

void
lw_sidebar_set_connection (LwSidebar *self, LwConnections *connections, LwConnection *connection)
{
  g_return_if_fail (LW_IS_SIDEBAR (self));
  lw_switcher_set (self->switcher, connections, connection);
}

void
lw_sidebar_popup_switcher (LwSidebar *self)
{
  g_return_if_fail (LW_IS_SIDEBAR (self));
  lw_switcher_popup (self->switcher);
}

void
lw_sidebar_set_workspace (LwSidebar *self, LwWorkspace *workspace)
{
  g_return_if_fail (LW_IS_SIDEBAR (self));
  g_set_object (&self->workspace, workspace);
  g_signal_group_set_target (self->signals, workspace);
  lw_outbox_button_set_workspace (self->outbox, workspace);
  update_counts (self);
  update_status (self);
}

void
lw_sidebar_set_page (LwSidebar *self, const char *page)
{
  g_return_if_fail (LW_IS_SIDEBAR (self));
  gtk_list_box_select_row (self->list, row_of (self, page));
}

static void
lw_sidebar_dispose (GObject *object)
{
  LwSidebar *self = LW_SIDEBAR (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->workspace);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SIDEBAR);
  G_OBJECT_CLASS (lw_sidebar_parent_class)->dispose (object);
}

static void
lw_sidebar_class_init (LwSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_sidebar_dispose;
  g_type_ensure (LW_TYPE_SWITCHER);
  g_type_ensure (LW_TYPE_OUTBOX_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, switcher);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, list);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, requests_row);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, review_row);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, portfolio_row);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, exemptions_row);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, rules_row);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, requests_count);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, review_count);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, exemptions_count);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, outbox);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, status_icon);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, status);
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
}

static void
lw_sidebar_init (LwSidebar *self)
{
  const char *const counted[] = { "notify::review-count", "notify::mine-count",
                                  "portfolio-changed" };
  const char *const dated[] = { "notify::loaded-at", "notify::error", "notify::loading",
                                "notify::progress" };

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, separate, self, NULL);
  self->signals = g_signal_group_new (LW_TYPE_WORKSPACE);
  for (guint i = 0; i < G_N_ELEMENTS (counted); i++)
    g_signal_group_connect_swapped (self->signals, counted[i], G_CALLBACK (update_counts), self);
  for (guint i = 0; i < G_N_ELEMENTS (dated); i++)
    g_signal_group_connect_swapped (self->signals, dated[i], G_CALLBACK (update_status), self);
  update_counts (self);
}
