/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence-row.h"

#include <glib/gi18n-lib.h>

#include "lw-attach.h"
#include "lw-when.h"
#include "lw-widgets.h"

#define COPY_SECONDS 600

struct _LwEvidenceRow
{
  AdwBin parent_instance;

  LwWorkspace *workspace;
  char *request_id;
  LwEvidence *evidence;
  GtkWidget *open;
  GtkWidget *save;
  AdwSpinner *spinner;
  GFile *target; /* where to save to */
};

G_DEFINE_FINAL_TYPE (LwEvidenceRow, lw_evidence_row, ADW_TYPE_BIN)

static guint removed_signal;

const LwEvidence *
lw_evidence_row_get_evidence (LwEvidenceRow *self)
{
  g_return_val_if_fail (LW_IS_EVIDENCE_ROW (self), NULL);

  return self->evidence;
}

static void
set_busy (LwEvidenceRow *self, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_widget_set_sensitive (self->open, !busy);
  gtk_widget_set_sensitive (self->save, !busy);
}

static GtkWindow *
window_of (LwEvidenceRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

/* --- opening ------------------------------------------------------------------------------------ */

static gboolean
remove_copies (gpointer data)
{
  lw_evidence_remove_copies (COPY_SECONDS);
  return G_SOURCE_REMOVE;
}

static void
launched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwEvidenceRow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!gtk_file_launcher_launch_finish (GTK_FILE_LAUNCHER (source), result, &error) &&
      !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED) && window_of (self))
    lw_error_dialog (GTK_WIDGET (self), _ ("The File Cannot Be Opened"), error);
}

static void
copied (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwEvidenceRow *self = owner;
  g_autoptr (GtkFileLauncher) launcher = NULL;

  set_busy (self, FALSE);
  if (error)
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The File Cannot Be Opened"), error);
      return;
    }
  /* Some time for what opens it, then it is taken away. */
  g_timeout_add_seconds (COPY_SECONDS + 5, remove_copies, NULL);
  launcher = gtk_file_launcher_new (g_value_get_object (value));
  gtk_file_launcher_launch (launcher, window_of (self), NULL, launched, g_object_ref (self));
}

static void
open_clicked (LwEvidenceRow *self)
{
  set_busy (self, TRUE);
  lw_when (lw_copy_evidence (lw_workspace_get_session (self->workspace), self->request_id,
                             self->evidence),
           self, copied, NULL, NULL);
}

/* --- saving ------------------------------------------------------------------------------------- */

static void
written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwEvidenceRow) self = user_data;
  g_autoptr (GError) error = NULL;

  set_busy (self, FALSE);
  if (!window_of (self))
    return;
  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    lw_toast (GTK_WIDGET (self), _ ("File saved"));
  else
    lw_error_dialog (GTK_WIDGET (self), _ ("The File Cannot Be Saved"), error);
}

static void
fetched (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwEvidenceRow *self = owner;

  if (error)
    {
      set_busy (self, FALSE);
      lw_error_dialog (GTK_WIDGET (self), _ ("The File Cannot Be Saved"), error);
      return;
    }
  g_file_replace_contents_bytes_async (self->target, g_value_get_boxed (value), NULL, FALSE,
                                       G_FILE_CREATE_PRIVATE, NULL, written, g_object_ref (self));
}

static void
chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwEvidenceRow) self = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (!file || !window_of (self))
    return;
  g_set_object (&self->target, file);
  set_busy (self, TRUE);
  lw_when (lw_fetch_evidence (lw_workspace_get_session (self->workspace), self->request_id,
                              self->evidence),
           self, fetched, NULL, NULL);
}

static void
save_clicked (LwEvidenceRow *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *name = lw_evidence_safe_name (self->evidence->name);

  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, window_of (self), NULL, chosen, g_object_ref (self));
}

static void
remove_clicked (LwEvidenceRow *self)
{
  g_signal_emit (self, removed_signal, 0);
}

/* --- the widget --------------------------------------------------------------------------------- */

static GtkWidget *
button_new (LwEvidenceRow *self,
            const char *icon,
            const char *tooltip,
            const char *name,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", clicked, self);

  return button;
}

static GtkWidget *
labels_new (LwEvidenceRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *name = gtk_label_new (self->evidence->name);
  g_autofree char *type = g_content_type_from_mime_type (
      self->evidence->media_type ? self->evidence->media_type : "application/octet-stream");
  g_autofree char *kind = type ? g_content_type_get_description (type) : NULL;
  g_autofree char *size = g_format_size ((guint64) self->evidence->size);
  /* Translators: the size and the kind of a file: "12 kB, PDF document" */
  g_autofree char *about = kind ? g_strdup_printf (_ ("%s, %s"), size, kind) : g_strdup (size);
  GtkWidget *caption = gtk_label_new (about);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (name, self->evidence->name);
  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_label_set_ellipsize (GTK_LABEL (caption), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (caption, "caption");
  gtk_widget_add_css_class (caption, "dim-label");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);

  return box;
}

static void
build (LwEvidenceRow *self, gboolean removable)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("mail-attachment-symbolic");
  g_autofree char *open = g_strdup_printf (_ ("Open %s"), self->evidence->name);
  g_autofree char *save = g_strdup_printf (_ ("Save %s…"), self->evidence->name);
  g_autofree char *remove = g_strdup_printf (_ ("Remove %s"), self->evidence->name);

  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_set_margin_end (icon, 6);
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), labels_new (self));
  self->spinner = ADW_SPINNER (adw_spinner_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->spinner));
  self->open = button_new (self, "document-open-symbolic", _ ("Open a copy"), open,
                           G_CALLBACK (open_clicked));
  gtk_box_append (GTK_BOX (box), self->open);
  self->save =
      button_new (self, "document-save-symbolic", _ ("Save…"), save, G_CALLBACK (save_clicked));
  gtk_box_append (GTK_BOX (box), self->save);
  if (removable)
    gtk_box_append (GTK_BOX (box), button_new (self, "user-trash-symbolic", _ ("Remove"), remove,
                                               G_CALLBACK (remove_clicked)));
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
lw_evidence_row_finalize (GObject *object)
{
  LwEvidenceRow *self = LW_EVIDENCE_ROW (object);

  g_clear_object (&self->workspace);
  g_clear_object (&self->target);
  g_free (self->request_id);
  lw_evidence_free (self->evidence);

  G_OBJECT_CLASS (lw_evidence_row_parent_class)->finalize (object);
}

static void
lw_evidence_row_class_init (LwEvidenceRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_evidence_row_finalize;
  removed_signal = g_signal_new ("removed", LW_TYPE_EVIDENCE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_evidence_row_init (LwEvidenceRow *self)
{
}

GtkWidget *
lw_evidence_row_new (LwWorkspace *workspace,
                     const char *request_id,
                     const LwEvidence *evidence,
                     gboolean removable)
{
  LwEvidenceRow *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (evidence != NULL && evidence->sha256 != NULL, NULL);

  self = g_object_new (LW_TYPE_EVIDENCE_ROW, NULL);
  self->workspace = g_object_ref (workspace);
  self->request_id = g_strdup (request_id);
  /* Whoever wrote the name: it is shown made safe. */
  self->evidence = lw_evidence_copy (evidence);
  g_free (self->evidence->name);
  self->evidence->name = lw_evidence_safe_name (evidence->name);
  build (self, removable);

  return GTK_WIDGET (self);
}
