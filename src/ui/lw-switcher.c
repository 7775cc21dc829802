/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-switcher.h"

#include <glib/gi18n-lib.h>

struct _LwSwitcher
{
  AdwBin parent_instance;

  LwConnections *connections;
  LwConnection *connection;
  GSignalGroup *signals;

  GtkMenuButton *button;
  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkPopover *popover;
  GtkListBox *list;
  GtkWidget *sign_out;
};

G_DEFINE_FINAL_TYPE (LwSwitcher, lw_switcher, ADW_TYPE_BIN)

static void
update (LwSwitcher *self)
{
  const char *title, *subtitle;
  g_autofree char *label = NULL;

  if (self->connection == NULL)
    {
      label = g_strdup (_ ("Connections"));
      gtk_label_set_text (self->title, label);
    }
  else
    {
      title = lw_connection_get_title (self->connection);
      subtitle = lw_connection_get_subtitle (self->connection);
      adw_avatar_set_text (self->avatar, title);
      gtk_label_set_text (self->title, title);
      gtk_label_set_text (self->subtitle, subtitle);
      /* Translators: name of the person signed in, name of the organisation */
      label = g_strdup_printf (_ ("Account: %s, %s"), title, subtitle);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->avatar), self->connection != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), self->connection != NULL);
  gtk_widget_set_visible (self->sign_out, self->connection != NULL &&
                                              lw_connection_get_person (self->connection) != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static GtkWidget *
label_new (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
row_new (gpointer item, gpointer user_data)
{
  LwSwitcher *self = user_data;
  LwConnection *connection = item;
  gboolean current = connection == self->connection;
  const char *title = lw_connection_get_title (connection);
  const char *subtitle = lw_connection_get_subtitle (connection);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *second = label_new (subtitle, "caption");
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  g_autofree char *label =
      g_strdup_printf (current ? _ ("%s, %s, shown now") : "%s, %s", title, subtitle);

  gtk_widget_add_css_class (second, "dim-label");
  gtk_box_append (GTK_BOX (text), label_new (title, "body"));
  gtk_box_append (GTK_BOX (text), second);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_valign (text, GTK_ALIGN_CENTER);
  gtk_widget_set_opacity (check, current ? 1 : 0);
  gtk_box_append (GTK_BOX (box), adw_avatar_new (28, title, TRUE));
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), check);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return row;
}

/* Opened: the list as it is now, the focus on the one that is shown. */
static void
shown (LwSwitcher *self)
{
  GtkListBoxRow *row;

  gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  if (self->connections == NULL)
    return;
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->connections), row_new, self, NULL);
  row = gtk_list_box_get_row_at_index (
      self->list, self->connection != NULL
                      ? (int) lw_connections_find (self->connections, self->connection)
                      : 0);
  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
row_activated (LwSwitcher *self, GtkListBoxRow *row)
{
  guint position = gtk_list_box_row_get_index (row);

  gtk_popover_popdown (self->popover);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.connection", "u", position);
}

static void
item_clicked (GtkWidget *button, gpointer user_data)
{
  LwSwitcher *self = user_data;

  gtk_popover_popdown (self->popover);
  gtk_widget_activate_action (GTK_WIDGET (self), g_object_get_data (G_OBJECT (button), "action"),
                              NULL);
}

static GtkWidget *
item_new (LwSwitcher *self, const char *text, const char *action)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);
  GtkWidget *button = gtk_button_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-item");
  g_object_set_data (G_OBJECT (button), "action", (gpointer) action);
  g_signal_connect (button, "clicked", G_CALLBACK (item_clicked), self);
  return button;
}

static void
make_popover (LwSwitcher *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *separator = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "lw-connections");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Connections"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 360);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_widget_set_margin_top (separator, 6);
  gtk_widget_set_margin_bottom (separator, 6);
  gtk_box_append (GTK_BOX (box), separator);
  gtk_box_append (GTK_BOX (box),
                  item_new (self, _ ("Sign In as _Somebody Else…"), "win.sign-in-else"));
  gtk_box_append (GTK_BOX (box), item_new (self, _ ("_Add a Connection…"), "win.add-connection"));
  gtk_box_append (GTK_BOX (box), item_new (self, _ ("_Manage Connections…"), "win.connections"));
  self->sign_out = item_new (self, _ ("Sign _Out"), "win.sign-out");
  gtk_box_append (GTK_BOX (box), self->sign_out);
  self->popover = GTK_POPOVER (gtk_popover_new ());
  gtk_popover_set_child (self->popover, box);
  gtk_widget_add_css_class (GTK_WIDGET (self->popover), "menu");
  gtk_widget_set_size_request (box, 240, -1);
  g_signal_connect_swapped (self->popover, "map", G_CALLBACK (shown), self);
  gtk_menu_button_set_popover (self->button, GTK_WIDGET (self->popover));
}

static void
make_button (LwSwitcher *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("pan-down-symbolic");

  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  self->avatar = ADW_AVATAR (adw_avatar_new (32, NULL, TRUE));
  self->title = GTK_LABEL (label_new ("", "heading"));
  self->subtitle = GTK_LABEL (label_new ("", "caption"));
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "dim-label");
  gtk_widget_set_valign (text, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (text), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (text), GTK_WIDGET (self->subtitle));
  gtk_widget_add_css_class (arrow, "dim-label");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->avatar));
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_menu_button_set_child (self->button, box);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "lw-account");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}

void
lw_switcher_set (LwSwitcher *self, LwConnections *connections, LwConnection *connection)
{
  g_return_if_fail (LW_IS_SWITCHER (self));
  g_set_object (&self->connections, connections);
  g_set_object (&self->connection, connection);
  g_signal_group_set_target (self->signals, connection);
  update (self);
}

void
lw_switcher_popup (LwSwitcher *self)
{
  g_return_if_fail (LW_IS_SWITCHER (self));
  gtk_menu_button_popup (self->button);
}

static void
lw_switcher_dispose (GObject *object)
{
  LwSwitcher *self = LW_SWITCHER (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->connections);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (lw_switcher_parent_class)->dispose (object);
}

static void
lw_switcher_class_init (LwSwitcherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_switcher_dispose;
}

static void
lw_switcher_init (LwSwitcher *self)
{
  make_button (self);
  make_popover (self);
  self->signals = g_signal_group_new (LW_TYPE_CONNECTION);
  g_signal_group_connect_swapped (self->signals, "notify::title", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "notify::subtitle", G_CALLBACK (update), self);
  update (self);
}

GtkWidget *
lw_switcher_new (LwConnections *connections, LwConnection *connection)
{
  GtkWidget *self = g_object_new (LW_TYPE_SWITCHER, NULL);

  lw_switcher_set (LW_SWITCHER (self), connections, connection);
  return self;
}
