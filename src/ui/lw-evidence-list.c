/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence-list.h"

#include <glib/gi18n-lib.h>

#include "lw-attach.h"
#include "lw-evidence-row.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwEvidenceList
{
  AdwBin parent_instance;

  LwWorkspace *workspace;
  char *request_id;
  GPtrArray *files; /* (element-type LwEvidence) */
  GtkBox *rows;
  GtkWidget *attach;
  AdwSpinner *spinner;
  GtkLabel *problem;
  guint pending;
};

enum
{
  PROP_BUSY = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (LwEvidenceList, lw_evidence_list, ADW_TYPE_BIN)

static void fill (LwEvidenceList *self);

GPtrArray *
lw_evidence_list_get_files (LwEvidenceList *self)
{
  g_return_val_if_fail (LW_IS_EVIDENCE_LIST (self), NULL);

  return self->files;
}

gboolean
lw_evidence_list_is_busy (LwEvidenceList *self)
{
  g_return_val_if_fail (LW_IS_EVIDENCE_LIST (self), FALSE);

  return self->pending > 0;
}

static void
say (LwEvidenceList *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (problem)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), problem,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
set_pending (LwEvidenceList *self, int step)
{
  self->pending = (guint) ((int) self->pending + step);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->pending > 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* --- attaching ---------------------------------------------------------------------------------- */

static gboolean
is_there (LwEvidenceList *self, const char *sha256)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const LwEvidence *file = g_ptr_array_index (self->files, i);

      if (g_strcmp0 (file->sha256, sha256) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
attached (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwEvidenceList *self = owner;
  LwEvidence *evidence = value ? g_value_get_boxed (value) : NULL;

  set_pending (self, -1);
  if (error)
    say (self, error->message);
  else if (is_there (self, evidence->sha256))
    say (self, _ ("That file is attached already."));
  else
    {
      g_autofree char *said = g_strdup_printf (_ ("%s is attached"), evidence->name);

      say (self, NULL);
      g_ptr_array_add (self->files, lw_evidence_copy (evidence));
      fill (self);
      gtk_accessible_announce (GTK_ACCESSIBLE (self), said,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
      g_signal_emit (self, changed_signal, 0);
    }
}

void
lw_evidence_list_add (LwEvidenceList *self, GFile *file)
{
  LwSession *session;

  g_return_if_fail (LW_IS_EVIDENCE_LIST (self));
  g_return_if_fail (G_IS_FILE (file));

  session = lw_workspace_get_session (self->workspace);
  set_pending (self, 1);
  lw_when (self->request_id ? lw_stage_evidence (session, self->request_id, file)
                            : lw_attach_evidence (session, file),
           self, attached, NULL, NULL);
}

static void
chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwEvidenceList) self = user_data;
  g_autoptr (GListModel) files =
      gtk_file_dialog_open_multiple_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;
  for (guint i = 0; files && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      lw_evidence_list_add (self, file);
    }
}

static void
attach_clicked (LwEvidenceList *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_dialog_set_title (dialog, _ ("Attach Files"));
  gtk_file_dialog_set_accept_label (dialog, _ ("_Attach"));
  gtk_file_dialog_open_multiple (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                                 chosen, g_object_ref (self));
}

static gboolean
dropped (LwEvidenceList *self, const GValue *value)
{
  g_autoptr (GSList) files = NULL;

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  files = gdk_file_list_get_files (g_value_get_boxed (value));
  for (GSList *file = files; file; file = file->next)
    lw_evidence_list_add (self, file->data);

  return files != NULL;
}

static void
removed (LwEvidenceRow *row, gpointer user_data)
{
  LwEvidenceList *self = user_data;
  const LwEvidence *evidence = lw_evidence_row_get_evidence (row);

  for (guint i = 0; i < self->files->len; i++)
    {
      const LwEvidence *file = g_ptr_array_index (self->files, i);

      if (g_strcmp0 (file->sha256, evidence->sha256) == 0)
        {
          g_ptr_array_remove_index (self->files, i);
          break;
        }
    }
  gtk_widget_grab_focus (self->attach);
  fill (self);
  g_signal_emit (self, changed_signal, 0);
}

/* --- the widget --------------------------------------------------------------------------------- */

static void
fill (LwEvidenceList *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->rows))))
    gtk_box_remove (self->rows, child);
  for (guint i = 0; i < self->files->len; i++)
    {
      GtkWidget *row = lw_evidence_row_new (self->workspace, self->request_id,
                                            g_ptr_array_index (self->files, i), TRUE);

      g_signal_connect_object (row, "removed", G_CALLBACK (removed), self, 0);
      gtk_box_append (self->rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->rows), self->files->len > 0);
}

void
lw_evidence_list_set_files (LwEvidenceList *self, GPtrArray *evidence)
{
  g_return_if_fail (LW_IS_EVIDENCE_LIST (self));

  g_ptr_array_set_size (self->files, 0);
  for (guint i = 0; evidence && i < evidence->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (evidence, i);

      if (item->sha256)
        g_ptr_array_add (self->files, lw_evidence_copy (item));
    }
  fill (self);
}

static GtkWidget *
head_new (LwEvidenceList *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *caption = gtk_label_new (_ ("Evidence, as files"));
  GtkWidget *content = adw_button_content_new ();

  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_label_set_wrap (GTK_LABEL (caption), TRUE);
  gtk_widget_set_hexpand (caption, TRUE);
  gtk_widget_add_css_class (caption, "caption");
  gtk_widget_add_css_class (caption, "dim-label");
  self->spinner = ADW_SPINNER (adw_spinner_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "mail-attachment-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _ ("_Attach…"));
  adw_button_content_set_use_underline (ADW_BUTTON_CONTENT (content), TRUE);
  self->attach = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->attach), content);
  gtk_widget_set_valign (self->attach, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->attach, _ ("Attach files, or drop them here"));
  g_signal_connect_swapped (self->attach, "clicked", G_CALLBACK (attach_clicked), self);
  gtk_box_append (GTK_BOX (head), caption);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (head), self->attach);

  return head;
}

static void
lw_evidence_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BUSY)
    g_value_set_boolean (value, LW_EVIDENCE_LIST (object)->pending > 0);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lw_evidence_list_finalize (GObject *object)
{
  LwEvidenceList *self = LW_EVIDENCE_LIST (object);

  g_clear_object (&self->workspace);
  g_free (self->request_id);
  g_ptr_array_unref (self->files);

  G_OBJECT_CLASS (lw_evidence_list_parent_class)->finalize (object);
}

static void
lw_evidence_list_class_init (LwEvidenceListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = lw_evidence_list_finalize;
  object_class->get_property = lw_evidence_list_get_property;
  properties[PROP_BUSY] =
      g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", LW_TYPE_EVIDENCE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
lw_evidence_list_init (LwEvidenceList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);
  gtk_box_append (GTK_BOX (box), head_new (self));
  self->rows = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->rows));
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->problem, 0);
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_wrap_mode (self->problem, PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "error");
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "caption");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->problem));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (drop, "drop", G_CALLBACK (dropped), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

GtkWidget *
lw_evidence_list_new (LwWorkspace *workspace, const char *request_id, const char *name)
{
  LwEvidenceList *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);

  self = g_object_new (LW_TYPE_EVIDENCE_LIST, NULL);
  self->workspace = g_object_ref (workspace);
  self->request_id = g_strdup (request_id);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  fill (self);

  return GTK_WIDGET (self);
}
