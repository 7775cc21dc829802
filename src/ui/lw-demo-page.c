/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-demo-page.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

struct _LwDemoPage
{
  AdwBin parent_instance;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (LwDemoPage, lw_demo_page, ADW_TYPE_BIN)

static void
row_activated (LwDemoPage *self, GtkListBoxRow *row)
{
  g_signal_emit (self, chosen_signal, 0, g_object_get_data (G_OBJECT (row), "upn"));
}

static void
browser_clicked (LwDemoPage *self)
{
  g_signal_emit (self, chosen_signal, 0, NULL);
}

static GtkWidget *
row_new (const LwPerson *person)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 person->name != NULL ? person->name : person->upn);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), person->upn);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), adw_avatar_new (32, person->name, TRUE));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "upn", g_strdup (person->upn), g_free);
  return row;
}

static void
lw_demo_page_class_init (LwDemoPageClass *klass)
{
  chosen_signal = g_signal_new ("chosen", LW_TYPE_DEMO_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_demo_page_init (LwDemoPage *self)
{
}

GtkWidget *
lw_demo_page_new (LwDemo *demo)
{
  LwDemoPage *self = g_object_new (LW_TYPE_DEMO_PAGE, NULL);
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Open in _Browser"));
  GPtrArray *personas = lw_demo_get_personas (demo);

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("People of the demo tenant"), -1);
  for (guint i = 0; i < personas->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), row_new (g_ptr_array_index (personas, i)));
  g_signal_connect_swapped (list, "row-activated", G_CALLBACK (row_activated), self);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (browser_clicked), self);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), button);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 420);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "lw-shield-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("Who Do You Want to Be?"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (page),
      _ ("The demo tenant is a simulation on this computer. Each of its people may do other "
         "things."));
  adw_status_page_set_child (ADW_STATUS_PAGE (page), clamp);
  gtk_widget_add_css_class (page, "compact");
  adw_bin_set_child (ADW_BIN (self), lw_with_header (page));
  return GTK_WIDGET (self);
}
