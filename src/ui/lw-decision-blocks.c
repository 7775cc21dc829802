/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-parts.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

/* More would not fit a narrow window with large text. */
#define LONGEST_TOGETHER 14 /* characters */

static void
label_by (GtkWidget *widget, GtkWidget *label)
{
  gtk_accessible_update_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
}

GtkWidget *
lw_text_new (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

void
lw_label_keep_together (GtkWidget *label, const char *part)
{
  PangoAttrList *old = gtk_label_get_attributes (GTK_LABEL (label));
  g_autoptr (PangoAttrList) list = old ? pango_attr_list_copy (old) : pango_attr_list_new ();
  const char *text = gtk_label_get_text (GTK_LABEL (label));
  const char *found = part && *part ? strstr (text, part) : NULL;
  PangoAttribute *attribute;

  if (!found || g_utf8_strlen (part, -1) > LONGEST_TOGETHER)
    return;
  attribute = pango_attr_allow_breaks_new (FALSE);
  attribute->start_index = (guint) (found - text);
  attribute->end_index = attribute->start_index + (guint) strlen (part);
  pango_attr_list_insert (list, attribute);
  gtk_label_set_attributes (GTK_LABEL (label), list);
}

GtkWidget *
lw_caption_new (const char *text)
{
  GtkWidget *label = lw_text_new (text);

  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dimmed");
  return label;
}

GtkWidget *
lw_section_new (const char *title, GtkWidget *suffix)
{
  GtkWidget *section =
      g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 8,
                    "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *heading =
      g_object_new (GTK_TYPE_LABEL, "label", title, "xalign", 0.0, "hexpand", TRUE, "wrap", TRUE,
                    "accessible-role", GTK_ACCESSIBLE_ROLE_HEADING, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (heading), GTK_ACCESSIBLE_PROPERTY_LEVEL, 2, -1);
  gtk_widget_add_css_class (heading, "heading");
  gtk_box_append (GTK_BOX (line), heading);
  if (suffix)
    {
      gtk_widget_set_valign (suffix, GTK_ALIGN_BASELINE_CENTER);
      gtk_box_append (GTK_BOX (line), suffix);
    }
  gtk_box_append (GTK_BOX (section), line);
  label_by (section, heading);
  return section;
}

GtkWidget *
lw_field_new_for (const char *caption, GtkWidget *value)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *label = lw_caption_new (caption);

  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), value);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  label, NULL, -1);
  return box;
}

GtkWidget *
lw_field_new (const char *caption, const char *text)
{
  gboolean empty = !text || !*text;
  GtkWidget *label = lw_text_new (empty ? _ ("Not given") : text);

  gtk_label_set_selectable (GTK_LABEL (label), !empty);
  if (empty)
    gtk_widget_add_css_class (label, "dimmed");
  return lw_field_new_for (caption, label);
}

static void
copy_text (GtkButton *button, gpointer user_data)
{
  GtkLabel *label = user_data;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          gtk_label_get_text (label));
  lw_toast (GTK_WIDGET (button), _ ("Copied"));
}

GtkWidget *
lw_code_new (const char *caption, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *heading = lw_caption_new (caption);
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  GtkWidget *label = lw_text_new (text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_widget_set_hexpand (heading, TRUE);
  gtk_widget_set_tooltip_text (copy, _ ("Copy"));
  gtk_widget_set_valign (copy, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (copy, "flat");
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_CHAR);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "lw-code");
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  /* Code is read from the left in every language. */
  gtk_widget_set_direction (label, GTK_TEXT_DIR_LTR);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_text), label, 0);
  gtk_box_append (GTK_BOX (line), heading);
  gtk_box_append (GTK_BOX (line), copy);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "lw-card-body");
  return box;
}

GtkWidget *
lw_note_new (const char *icon, const char *text, const char *style)
{
  GtkWidget *box =
      g_object_new (GTK_TYPE_BOX, "spacing", 12, "accessible-role", GTK_ACCESSIBLE_ROLE_NOTE, NULL);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);
  GtkWidget *label = lw_text_new (text);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_add_css_class (image, style);
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (box, "lw-note");
  gtk_widget_add_css_class (box, style);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), label);
  label_by (box, label);
  return box;
}

GtkWidget *
lw_person_row_new (const char *name, const char *line, GtkWidget *suffix)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *avatar = adw_avatar_new (32, name, TRUE);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_accessible_update_state (GTK_ACCESSIBLE (avatar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_valign (avatar, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), lw_text_new (name));
  if (line && *line)
    gtk_box_append (GTK_BOX (words), lw_caption_new (line));
  gtk_box_append (GTK_BOX (box), avatar);
  gtk_box_append (GTK_BOX (box), words);
  if (suffix)
    gtk_box_append (GTK_BOX (box), suffix);
  return box;
}

GtkWidget *
lw_boxed_list_new (const char *label)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return list;
}
