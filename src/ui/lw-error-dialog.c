/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-widgets.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"

static void
add_detail (GtkBox *box, const char *caption, const char *value)
{
  GtkWidget *name, *label;

  if (value == NULL || *value == '\0')
    return;
  name = gtk_label_new (caption);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_add_css_class (name, "caption");
  gtk_widget_add_css_class (name, "dim-label");
  label = gtk_label_new (value);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_set_margin_bottom (label, 6);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name,
                                  NULL, -1);
  gtk_box_append (box, name);
  gtk_box_append (box, label);
}

static void
copy_details (GtkButton *button, gpointer user_data)
{
  const char *text = g_object_get_data (G_OBJECT (button), "details");

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
  gtk_accessible_announce (GTK_ACCESSIBLE (button), _ ("Copied"),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

GtkWidget *
lw_error_details_new (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  GtkWidget *list, *row, *box, *button, *body;

  /* A code and a time of our own are nothing to look up. */
  if (details == NULL || (details->status == 0 && details->message == NULL &&
                          details->request_id == NULL && details->url == NULL))
    return NULL;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_margin_start (box, 14);
  gtk_widget_set_margin_end (box, 14);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 6);
  if (details->code != NULL || details->status != 0)
    {
      g_autofree char *code = NULL;

      if (details->code != NULL && details->status != 0)
        code = g_strdup_printf ("%s, %u", details->code, details->status);
      else if (details->code != NULL)
        code = g_strdup (details->code);
      else
        code = g_strdup_printf ("HTTP %u", details->status);
      add_detail (GTK_BOX (box), _ ("Code"), code);
    }
  add_detail (GTK_BOX (box), _ ("What Azure said"), details->message);
  add_detail (GTK_BOX (box), _ ("Asked"), details->url);
  add_detail (GTK_BOX (box), _ ("Request id"), details->request_id);
  if (details->at != 0)
    {
      g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (details->at);
      g_autofree char *text = lw_date_exact (at);

      add_detail (GTK_BOX (box), _ ("Time"), text);
    }

  row = adw_expander_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Details"));
  button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("Copy Details"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data_full (G_OBJECT (button), "details", lw_error_report (error), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_details), NULL);
  adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), button);
  body = adw_preferences_row_new ();
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (body), FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (body), box);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (body), _ ("Details"));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), body);
  /* The rows of libadwaita name only what is in them. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Details"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (body), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the service said"), -1);
  list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return list;
}

/* The service's own words follow the sentence, and are among the details as well. */
char *
lw_error_sentence (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  g_autofree char *sentence = g_strdup (error->message);

  if (details != NULL && details->message != NULL && *details->message != '\0' &&
      g_str_has_suffix (sentence, details->message) &&
      strlen (sentence) > strlen (details->message))
    sentence[strlen (sentence) - strlen (details->message)] = '\0';
  return g_strchomp (g_steal_pointer (&sentence));
}

static void
sign_in_again (AdwAlertDialog *dialog, const char *response, gpointer user_data)
{
  if (g_strcmp0 (response, "sign-in") == 0)
    gtk_widget_activate_action (GTK_WIDGET (user_data), "win.sign-in", NULL);
}

static void
wrap_headings (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "title-2"))
    {
      gtk_label_set_wrap (GTK_LABEL (widget), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (widget), PANGO_WRAP_WORD_CHAR);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    wrap_headings (child);
}

AdwDialog *
lw_alert_dialog_new (const char *heading, const char *body)
{
  AdwDialog *dialog = adw_alert_dialog_new (heading, body);

  wrap_headings (adw_dialog_get_child (dialog));
  return dialog;
}

void
lw_error_dialog (GtkWidget *widget, const char *heading, const GError *error)
{
  g_autofree char *sentence = NULL;
  AdwAlertDialog *dialog;
  GtkWidget *details;

  g_return_if_fail (error != NULL);
  /* The page went away while the answer was on its way. */
  if (gtk_widget_get_root (widget) == NULL)
    return;
  sentence = lw_error_sentence (error);
  dialog = ADW_ALERT_DIALOG (lw_alert_dialog_new (heading, sentence));
  details = lw_error_details_new (error);
  if (details != NULL)
    adw_alert_dialog_set_extra_child (dialog, details);
  adw_alert_dialog_add_response (dialog, "close", _ ("_Close"));
  adw_alert_dialog_set_close_response (dialog, "close");
  adw_alert_dialog_set_default_response (dialog, "close");
  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
    {
      adw_alert_dialog_add_response (dialog, "sign-in", _ ("_Sign In Again…"));
      adw_alert_dialog_set_response_appearance (dialog, "sign-in", ADW_RESPONSE_SUGGESTED);
      adw_alert_dialog_set_default_response (dialog, "sign-in");
      g_signal_connect_object (dialog, "response", G_CALLBACK (sign_in_again), widget, 0);
    }
  adw_dialog_present (ADW_DIALOG (dialog), widget);
}

GtkWidget *
lw_error_status_page (const char *title, const GError *error, GCallback retry, gpointer user_data)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *details;
  g_autofree char *sentence = error != NULL ? lw_error_sentence (error) : g_strdup ("");
  /* The description of a status page is markup. */
  g_autofree char *description = g_markup_escape_text (sentence, -1);

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "dialog-warning-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), description);
  if (retry != NULL)
    {
      GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Try Again"));

      gtk_widget_add_css_class (button, "pill");
      gtk_widget_add_css_class (button, "suggested-action");
      gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
      g_signal_connect_swapped (button, "clicked", retry, user_data);
      gtk_box_append (GTK_BOX (box), button);
    }
  details = error != NULL ? lw_error_details_new (error) : NULL;
  if (details != NULL)
    {
      GtkWidget *clamp = adw_clamp_new ();

      adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 480);
      adw_clamp_set_child (ADW_CLAMP (clamp), details);
      gtk_box_append (GTK_BOX (box), clamp);
    }
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);
  return page;
}

GtkWidget *
lw_with_header (GtkWidget *content)
{
  GtkWidget *view = adw_toolbar_view_new ();

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), content);
  return view;
}
