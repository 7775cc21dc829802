/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-setup-form-private.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

static guint connect_signal;

G_DEFINE_FINAL_TYPE (LwSetupForm, lw_setup_form, ADW_TYPE_BIN)

static void
set_busy (LwSetupForm *self, gboolean busy)
{
  self->connecting = busy;
  self->all = busy;
  gtk_widget_set_sensitive (self->connect_button, !busy);
}

static void
focus_problem (LwSetupForm *self)
{
  const struct
  {
    LwCheckLine *line;
    GtkWidget *row;
  } lines[] = {
    { self->cloud_line, lw_setup_form_get_cloud (self) == LW_SETUP_CLOUD_CUSTOM
                            ? GTK_WIDGET (self->arm)
                            : GTK_WIDGET (self->cloud) },
    { self->tenant_line, GTK_WIDGET (self->tenant) },
    { self->client_line, GTK_WIDGET (self->client_id) },
    { self->ledger_line, GTK_WIDGET (self->ledger) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (lw_check_line_get_state (lines[i].line) == LW_CHECK_BAD)
      {
        gtk_widget_grab_focus (lines[i].row);
        return;
      }
}

static void
let_go (LwSetupForm *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_setup_form_to_profile (self, &error);

  if (profile == NULL)
    lw_error_dialog (GTK_WIDGET (self), _ ("The Connection Is Not Complete"), error);
  else
    g_signal_emit (self, connect_signal, 0, profile);
}

void
lw_setup_form_tested (LwSetupForm *self, LwCheckLine *line)
{
  LwCheckLine *lines[] = { self->cloud_line, self->tenant_line, self->client_line,
                           self->ledger_line };
  gboolean bad = FALSE;

  if (line == self->tenant_line && (self->connecting || !lw_setup_form_is_empty (self->client_id)))
    lw_setup_form_test_client (self);
  if (!self->connecting)
    return;
  if (line == self->cloud_line)
    {
      lw_setup_form_test_rest (self);
      line = NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      if (lw_check_line_get_state (lines[i]) == LW_CHECK_RUNNING)
        return;
      bad = bad || lw_check_line_get_state (lines[i]) == LW_CHECK_BAD;
    }
  set_busy (self, FALSE);
  gtk_widget_set_visible (self->anyway_button, bad);
  if (bad)
    focus_problem (self);
  else
    let_go (self);
}

static void
connect_clicked (LwSetupForm *self)
{
  if (self->connecting)
    return;
  set_busy (self, TRUE);
  lw_setup_form_test_cloud (self);
  /* Where nothing had to be waited for. */
  lw_setup_form_tested (self, NULL);
}

static void
anyway_clicked (LwSetupForm *self)
{
  set_busy (self, FALSE);
  let_go (self);
}

static void
test_clicked (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = lw_setup_form_to_cloud (self);

  set_busy (self, FALSE);
  self->all = TRUE;
  lw_setup_form_test_cloud (self);
  /* What has to be asked for first is followed by the rest. */
  if (cloud != NULL)
    lw_setup_form_test_rest (self);
}

static void
folder_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSetupForm) self = user_data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (folder == NULL || g_file_peek_path (folder) == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->ledger), g_file_peek_path (folder));
  lw_setup_form_test_ledger (self);
}

static GtkWindow *
get_window (LwSetupForm *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
folder_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Folder of the Ledger"));
  gtk_file_dialog_select_folder (dialog, get_window (self), NULL, folder_chosen,
                                 g_object_ref (self));
}

static void
file_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkEditable) row = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL)
    gtk_editable_set_text (row, g_file_peek_path (file));
}

static void
certificate_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Certificate and Private Key"));
  gtk_file_dialog_open (dialog, get_window (self), NULL, file_chosen,
                        g_object_ref (self->certificate));
}

static void
ca_file_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Certificates to Trust"));
  gtk_file_dialog_open (dialog, get_window (self), NULL, file_chosen, g_object_ref (self->ca_file));
}

/* Fields that a choice needs come with it. */
void
lw_setup_form_choice_changed (LwSetupForm *self)
{
  gboolean custom = lw_setup_form_get_cloud (self) == LW_SETUP_CLOUD_CUSTOM;
  AdwEntryRow *endpoints[] = { self->arm, self->login, self->graph, self->blob, self->ca_file };

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    gtk_widget_set_visible (GTK_WIDGET (endpoints[i]), custom);
  gtk_widget_set_visible (GTK_WIDGET (self->certificate),
                          lw_setup_form_get_sign_in (self) == LW_SIGN_IN_CERTIFICATE);
  set_busy (self, FALSE);
  lw_check_line_reset (self->cloud_line);
  lw_check_line_reset (self->tenant_line);
  lw_check_line_reset (self->client_line);
}

static void
left (GtkEventControllerFocus *controller, gpointer user_data)
{
  LwSetupForm *self = user_data;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));

  if (lw_setup_form_is_empty (ADW_ENTRY_ROW (row)) || self->connecting ||
      g_object_get_data (G_OBJECT (row), "changed") == NULL)
    return;
  g_object_set_data (G_OBJECT (row), "changed", NULL);
  if (row == GTK_WIDGET (self->arm))
    lw_setup_form_test_cloud (self);
  else if (row == GTK_WIDGET (self->tenant))
    lw_setup_form_test_tenant (self);
  else if (row == GTK_WIDGET (self->client_id))
    lw_setup_form_test_client (self);
  else
    lw_setup_form_test_ledger (self);
}

/* What was found of the old text is not true of the new one, and nobody connects to half of each. */
static void
edited (LwSetupForm *self, GtkWidget *row)
{
  const struct
  {
    AdwEntryRow *row;
    LwCheckLine *line;
  } lines[] = {
    { self->arm, self->cloud_line },
    { self->tenant, self->tenant_line },
    { self->client_id, self->client_line },
    { self->ledger, self->ledger_line },
  };

  g_object_set_data (G_OBJECT (row), "changed", GINT_TO_POINTER (TRUE));
  gtk_widget_set_visible (self->anyway_button, FALSE);
  set_busy (self, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (row == GTK_WIDGET (lines[i].row))
      lw_check_line_reset (lines[i].line);
  /* The application is looked for in the tenant, or waits for it. */
  if (row == GTK_WIDGET (self->tenant))
    lw_check_line_reset (self->client_line);
}

static LwCheckLine *
add_line (LwSetupForm *self, AdwPreferencesGroup *group, GtkWidget *row)
{
  GtkWidget *line = lw_check_line_new (row);

  adw_preferences_group_add (group, line);
  g_signal_connect_object (line, "done", G_CALLBACK (lw_setup_form_tested), self,
                           G_CONNECT_SWAPPED);
  return LW_CHECK_LINE (line);
}

static void
lw_setup_form_dispose (GObject *object)
{
  LwSetupForm *self = LW_SETUP_FORM (object);

  g_clear_pointer (&self->base, json_object_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SETUP_FORM);
  G_OBJECT_CLASS (lw_setup_form_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, LwSetupForm, name)

static void
lw_setup_form_class_init (LwSetupFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_setup_form_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-setup-form.ui");
  BIND (cloud_group);
  BIND (tenant_group);
  BIND (sign_in_group);
  BIND (ledger_group);
  BIND (cloud);
  BIND (arm);
  BIND (login);
  BIND (graph);
  BIND (blob);
  BIND (tenant);
  BIND (client_id);
  BIND (way);
  BIND (certificate);
  BIND (ledger);
  BIND (name);
  BIND (ca_file);
  BIND (connect_button);
  BIND (anyway_button);
  gtk_widget_class_bind_template_callback (widget_class, connect_clicked);
  gtk_widget_class_bind_template_callback (widget_class, anyway_clicked);
  gtk_widget_class_bind_template_callback (widget_class, test_clicked);
  gtk_widget_class_bind_template_callback (widget_class, folder_clicked);
  gtk_widget_class_bind_template_callback (widget_class, certificate_clicked);
  gtk_widget_class_bind_template_callback (widget_class, ca_file_clicked);
  gtk_widget_class_bind_template_callback_full (widget_class, "choice_changed",
                                                G_CALLBACK (lw_setup_form_choice_changed));
  connect_signal = g_signal_new ("connect", LW_TYPE_SETUP_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
lw_setup_form_init (LwSetupForm *self)
{
  AdwEntryRow *watched[4];

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cloud_line = add_line (self, self->cloud_group, GTK_WIDGET (self->arm));
  self->tenant_line = add_line (self, self->tenant_group, GTK_WIDGET (self->tenant));
  self->client_line = add_line (self, self->tenant_group, GTK_WIDGET (self->client_id));
  self->ledger_line = add_line (self, self->ledger_group, GTK_WIDGET (self->ledger));
  lw_setup_form_add_ways (self);
  watched[0] = self->arm;
  watched[1] = self->tenant;
  watched[2] = self->client_id;
  watched[3] = self->ledger;
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      GtkEventController *focus = gtk_event_controller_focus_new ();

      g_signal_connect (focus, "leave", G_CALLBACK (left), self);
      gtk_widget_add_controller (GTK_WIDGET (watched[i]), focus);
      g_signal_connect_object (watched[i], "changed", G_CALLBACK (edited), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (watched[i], "entry-activated", G_CALLBACK (connect_clicked), self,
                               G_CONNECT_SWAPPED);
    }
  lw_setup_form_choice_changed (self);
}

GtkWidget *
lw_setup_form_new (void)
{
  return g_object_new (LW_TYPE_SETUP_FORM, NULL);
}
