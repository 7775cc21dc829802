/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-connections-dialog.h"

#include <glib/gi18n-lib.h>

#include "lw-drafts.h"
#include "lw-settings.h"
#include "lw-sign-in-words.h"
#include "lw-widgets.h"

struct _LwConnectionsDialog
{
  AdwDialog parent_instance;

  LwConnections *connections;
  GtkListBox *list;
};

static guint removed_signal;

G_DEFINE_FINAL_TYPE (LwConnectionsDialog, lw_connections_dialog, ADW_TYPE_DIALOG)

/* What is asked about a connection meanwhile. */
typedef struct
{
  LwConnectionsDialog *dialog;
  LwConnection *connection;
  GtkEditable *entry; /* of the alert; nullable */
} Asked;

static void
asked_free (gpointer data, GClosure *closure)
{
  Asked *asked = data;

  g_object_unref (asked->dialog);
  g_object_unref (asked->connection);
  g_free (asked);
}

static Asked *
asked_new (LwConnectionsDialog *self, GtkWidget *button)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->dialog = g_object_ref (self);
  asked->connection = g_object_ref (g_object_get_data (G_OBJECT (button), "connection"));
  return asked;
}

static void
rename_response (AdwAlertDialog *alert, const char *response, gpointer data)
{
  Asked *asked = data;
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (asked->entry)));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = NULL;

  if (g_strcmp0 (response, "rename") != 0)
    return;
  profile = lw_profile_with_member (lw_connection_get_profile (asked->connection), "name",
                                    *name != '\0' ? name : NULL, &error);
  if (profile != NULL)
    lw_connections_update (asked->dialog->connections, asked->connection, profile);
  else
    lw_error_dialog (GTK_WIDGET (asked->dialog), _ ("The Connection Could Not Be Renamed"), error);
}

static void
rename_clicked (LwConnectionsDialog *self, GtkWidget *button)
{
  Asked *asked = asked_new (self, button);
  AdwDialog *alert = lw_alert_dialog_new (_ ("Rename the Connection"),
                                          _ ("The name is yours alone. Leave it empty for the "
                                             "organisation's own."));
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *entry = adw_entry_row_new ();
  const char *name = lw_profile_get_name (lw_connection_get_profile (asked->connection));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (entry), _ ("Name"));
  gtk_editable_set_text (GTK_EDITABLE (entry), name != NULL ? name : "");
  adw_entry_row_set_max_length (ADW_ENTRY_ROW (entry), 60);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (entry), TRUE);
  asked->entry = GTK_EDITABLE (entry);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), entry);
  adw_alert_dialog_set_extra_child (ADW_ALERT_DIALOG (alert), list);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (alert), "cancel", _ ("_Cancel"), "rename",
                                  _ ("_Rename"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (alert), "rename",
                                            ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (alert), "rename");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (alert), "cancel");
  g_signal_connect_data (alert, "response", G_CALLBACK (rename_response), asked, asked_free, 0);
  adw_dialog_present (alert, GTK_WIDGET (self));
  gtk_widget_grab_focus (entry);
}

static void
remove_response (AdwAlertDialog *alert, const char *response, gpointer data)
{
  Asked *asked = data;
  LwConnectionsDialog *self = asked->dialog;

  if (g_strcmp0 (response, "remove") != 0)
    return;
  lw_connections_remove (self->connections, asked->connection);
  g_signal_emit (self, removed_signal, 0, asked->connection);
}

static guint
count_drafts (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, ".json") && *name != '.';
  return n;
}

/* What goes and what stays. (transfer full) */
static char *
removal_text (LwConnectionsDialog *self, LwConnection *connection)
{
  const char *account = lw_connection_get_account_id (connection);
  guint drafts = 0;
  g_autofree char *kept = NULL;

  if (account != NULL)
    {
      g_autoptr (LwDrafts) store = lw_drafts_new (lw_connection_get_profile (connection), account);

      drafts = count_drafts (lw_drafts_get_folder (store));
    }
  if (drafts > 0)
    kept = g_strdup_printf (ngettext ("Its %u draft is kept on this computer, and is there again "
                                      "when you add the connection again.",
                                      "Its %u drafts are kept on this computer, and are there "
                                      "again when you add the connection again.",
                                      drafts),
                            drafts);
  /* Translators: the name of a connection, then what becomes of it */
  return g_strdup_printf (_ ("“%s”: %s%s%s"), lw_connection_get_name (connection),
                          lw_connections_shares_sign_in (self->connections, connection)
                              ? _ ("Another connection has the same sign-in, so Leeway keeps that. "
                                   "What is in Azure and on the ledger stays as it is.")
                              : _ ("Leeway forgets its sign-in on this computer. What is in Azure "
                                   "and on the ledger stays as it is."),
                          kept != NULL ? " " : "", kept != NULL ? kept : "");
}

static void
remove_clicked (LwConnectionsDialog *self, GtkWidget *button)
{
  Asked *asked = asked_new (self, button);
  g_autofree char *text = removal_text (self, asked->connection);
  /* A heading does not wrap, and names are long. */
  AdwDialog *alert = lw_alert_dialog_new (_ ("Remove This Connection?"), text);

  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (alert), "cancel", _ ("_Cancel"), "remove",
                                  _ ("_Remove"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (alert), "remove",
                                            ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (alert), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (alert), "cancel");
  g_signal_connect_data (alert, "response", G_CALLBACK (remove_response), asked, asked_free, 0);
  adw_dialog_present (alert, GTK_WIDGET (self));
}

static GtkWidget *
button_new (LwConnectionsDialog *self,
            LwConnection *connection,
            const char *icon,
            const char *label,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data (G_OBJECT (button), "connection", connection);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static char *
subtitle_of (LwConnection *connection)
{
  LwProfile *profile = lw_connection_get_profile (connection);
  const char *account = lw_profile_get_account_upn (profile);

  return g_strdup_printf ("%s%s%s\n%s", account != NULL ? account : "", account != NULL ? ", " : "",
                          lw_profile_get_tenant (profile),
                          lw_sign_in_name (lw_profile_get_sign_in (profile)));
}

static void
update_row (GObject *connection, GParamSpec *pspec, gpointer row)
{
  g_autofree char *subtitle = subtitle_of (LW_CONNECTION (connection));

  adw_preferences_row_set_title (row, lw_connection_get_name (LW_CONNECTION (connection)));
  adw_action_row_set_subtitle (row, subtitle);
}

static GtkWidget *
row_new (gpointer item, gpointer user_data)
{
  LwConnectionsDialog *self = user_data;
  LwConnection *connection = item;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button;
  g_autofree char *label = NULL;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             adw_avatar_new (32, lw_connection_get_title (connection), TRUE));
  g_signal_connect_object (connection, "notify::subtitle", G_CALLBACK (update_row), row, 0);
  update_row (G_OBJECT (connection), NULL, row);
  if (lw_connection_get_demo (connection) != NULL)
    return row;
  /* Translators: the name of a connection's person */
  label = g_strdup_printf (_ ("Rename %s"), lw_connection_get_title (connection));
  button =
      button_new (self, connection, "document-edit-symbolic", label, G_CALLBACK (rename_clicked));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  /* Translators: the name of a connection's person */
  g_free (label);
  label = g_strdup_printf (_ ("Remove %s"), lw_connection_get_title (connection));
  button = button_new (self, connection, "user-trash-symbolic", label, G_CALLBACK (remove_clicked));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
add_clicked (LwConnectionsDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.add-connection", NULL);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
lw_connections_dialog_dispose (GObject *object)
{
  LwConnectionsDialog *self = LW_CONNECTIONS_DIALOG (object);

  g_clear_object (&self->connections);
  G_OBJECT_CLASS (lw_connections_dialog_parent_class)->dispose (object);
}

static void
lw_connections_dialog_class_init (LwConnectionsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_connections_dialog_dispose;
  removed_signal = g_signal_new ("removed", LW_TYPE_CONNECTIONS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, LW_TYPE_CONNECTION);
}

static void
lw_connections_dialog_init (LwConnectionsDialog *self)
{
}

AdwDialog *
lw_connections_dialog_new (LwConnections *connections)
{
  LwConnectionsDialog *self = g_object_new (LW_TYPE_CONNECTIONS_DIALOG, NULL);
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *adding = adw_preferences_group_new ();
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *add = adw_button_row_new ();

  self->connections = g_object_ref (connections);
  adw_dialog_set_title (ADW_DIALOG (self), _ ("Connections"));
  adw_dialog_set_content_width (ADW_DIALOG (self), 520);
  adw_dialog_set_content_height (ADW_DIALOG (self), 480);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Connections"), -1);
  gtk_list_box_bind_model (GTK_LIST_BOX (list), G_LIST_MODEL (connections), row_new, self, NULL);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), list);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (add), _ ("_Add a Connection…"));
  adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (add), TRUE);
  adw_button_row_set_start_icon_name (ADW_BUTTON_ROW (add), "list-add-symbolic");
  g_signal_connect_swapped (add, "activated", G_CALLBACK (add_clicked), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (adding), add);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (adding));
  adw_dialog_set_child (ADW_DIALOG (self), lw_with_header (page));
  return ADW_DIALOG (self);
}
