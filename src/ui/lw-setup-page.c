/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-setup-page.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "lw-json.h"
#include "lw-settings.h"

static const char *const clouds[] = { "AzureCloud", "AzureUSGovernment", "AzureChinaCloud" };

struct _LwSetupPage
{
  AdwBin parent_instance;

  AdwBanner *banner;
  AdwComboRow *cloud;
  AdwEntryRow *tenant;
  AdwEntryRow *client_id;
  AdwEntryRow *ledger;
};

static guint connect_signal;
static guint cancelled_signal;

G_DEFINE_FINAL_TYPE (LwSetupPage, lw_setup_page, ADW_TYPE_BIN)

static char *
entry_text (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

/* Marks the first row that is empty and answers whether there is one. */
static gboolean
missing (LwSetupPage *self)
{
  AdwEntryRow *rows[] = { self->tenant, self->client_id, self->ledger };
  AdwEntryRow *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = entry_text (rows[i]);
      gboolean empty = *text == '\0';

      if (empty)
        gtk_widget_add_css_class (GTK_WIDGET (rows[i]), "error");
      else
        gtk_widget_remove_css_class (GTK_WIDGET (rows[i]), "error");
      gtk_accessible_update_state (
          GTK_ACCESSIBLE (rows[i]), GTK_ACCESSIBLE_STATE_INVALID,
          empty ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
      if (empty && first == NULL)
        first = rows[i];
    }
  if (first != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (first));
  return first != NULL;
}

static void
show_problem (LwSetupPage *self, const char *text)
{
  adw_banner_set_title (self->banner, text);
  adw_banner_set_revealed (self->banner, TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
connect_clicked (LwSetupPage *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *tenant = entry_text (self->tenant);
  g_autofree char *client_id = entry_text (self->client_id);
  g_autofree char *ledger = entry_text (self->ledger);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  guint cloud = MIN (adw_combo_row_get_selected (self->cloud), G_N_ELEMENTS (clouds) - 1);

  if (missing (self))
    {
      show_problem (self,
                    _ ("Fill in what is marked. Whoever runs Azure in your organisation knows "
                       "it."));
      return;
    }
  json_object_set_string_member (object, "cloud", clouds[cloud]);
  json_object_set_string_member (object, "tenant", tenant);
  json_object_set_string_member (object, "clientId", client_id);
  json_object_set_string_member (object, "ledger", ledger);
  json_object_set_string_member (object, "signIn", "browser");
  node = lw_json_object_to_node (object);
  text = json_to_string (node, FALSE);
  bytes = g_bytes_new (text, strlen (text));
  profile = lw_profile_from_json (bytes, &error);
  if (profile == NULL)
    {
      show_problem (self, error->message);
      return;
    }
  g_signal_emit (self, connect_signal, 0, profile);
}

static void
folder_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSetupPage) self = user_data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (folder != NULL && g_file_peek_path (folder) != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->ledger), g_file_peek_path (folder));
}

static void
folder_clicked (LwSetupPage *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_dialog_set_title (dialog, _ ("Folder of the Ledger"));
  gtk_file_dialog_select_folder (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                                 folder_chosen, g_object_ref (self));
}

static void
lw_setup_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LW_TYPE_SETUP_PAGE);
  G_OBJECT_CLASS (lw_setup_page_parent_class)->dispose (object);
}

static void
lw_setup_page_class_init (LwSetupPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_setup_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, banner);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, cloud);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, tenant);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, client_id);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, ledger);
  gtk_widget_class_bind_template_callback (widget_class, connect_clicked);
  gtk_widget_class_bind_template_callback (widget_class, folder_clicked);
  connect_signal = g_signal_new ("connect", LW_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  cancelled_signal = g_signal_new ("cancelled", LW_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_setup_page_init (LwSetupPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_setup_page_new (LwConnections *connections, gboolean can_cancel)
{
  return g_object_new (LW_TYPE_SETUP_PAGE, NULL);
}
