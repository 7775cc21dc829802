/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-shortcuts.h"

#include <glib/gi18n-lib.h>

static const struct
{
  const char *title;
  const char *keys;
} general[] = {
  { N_ ("New Request"), "<Control>n" },    { N_ ("Refresh"), "F5" },
  { N_ ("Back"), "<Alt>Left" },            { N_ ("Keyboard Shortcuts"), "<Control>question" },
  { N_ ("Close the Window"), "<Control>w" }, { N_ ("Quit"), "<Control>q" },
}, pages[] = {
  { N_ ("My Requests"), "<Control>1" },
  { N_ ("To Review"), "<Control>2" },
  { N_ ("Portfolio"), "<Control>3" },
  { N_ ("Exemptions"), "<Control>4" },
}, connections[] = {
  { N_ ("All Connections"), "<Control><Shift>c" },
  { N_ ("First Connection"), "<Alt>1" },
  { N_ ("Second Connection"), "<Alt>2" },
  { N_ ("Third Connection"), "<Alt>3" },
}, form[] = {
  { N_ ("Next Step"), "<Control>Page_Down" },
  { N_ ("Step Before"), "<Control>Page_Up" },
};

static GtkWidget *
row_new (const char *title, const char *accelerator)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *text = NULL;
  GtkWidget *label;
  GdkModifierType modifiers;
  guint key;

  if (gtk_accelerator_parse (accelerator, &key, &modifiers))
    text = gtk_accelerator_get_label (key, modifiers);
  label = gtk_label_new (text);
  gtk_widget_add_css_class (label, "dim-label");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  return row;
}

#define ADD_GROUP(page, heading, entries)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    GtkWidget *group_ = adw_preferences_group_new ();                                              \
                                                                                                   \
    adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group_), heading);                     \
    for (guint i_ = 0; i_ < G_N_ELEMENTS (entries); i_++)                                          \
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group_),                                   \
                                 row_new (_ (entries[i_].title), entries[i_].keys));               \
    adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group_));        \
  }                                                                                                \
  G_STMT_END

void
lw_shortcuts_dialog_present (GtkWidget *widget)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *view = adw_toolbar_view_new ();
  GtkWidget *page = adw_preferences_page_new ();

  ADD_GROUP (page, _ ("General"), general);
  ADD_GROUP (page, _ ("Pages"), pages);
  ADD_GROUP (page, _ ("Connections"), connections);
  ADD_GROUP (page, _ ("Form"), form);
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), page);
  adw_dialog_set_title (dialog, _ ("Keyboard Shortcuts"));
  adw_dialog_set_content_width (dialog, 440);
  adw_dialog_set_content_height (dialog, 560);
  adw_dialog_set_child (dialog, view);
  adw_dialog_present (dialog, widget);
}
