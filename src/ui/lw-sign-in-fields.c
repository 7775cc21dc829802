/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-sign-in-fields.h"

#include <glib/gi18n-lib.h>

#include "lw-device-code.h"
#include "lw-json.h"
#include "lw-jwt.h"

struct _LwSignInFields
{
  AdwBin parent_instance;

  LwProfile *profile;
  GtkWidget *certificate;
  GtkWidget *secret;
  GtkWidget *keep;
  GtkLabel *note;
};

static guint activated_signal;
static guint certificate_chosen_signal;

G_DEFINE_FINAL_TYPE (LwSignInFields, lw_sign_in_fields, ADW_TYPE_BIN)

gint64
lw_token_expiry (const char *token)
{
  g_autofree char *text = g_strstrip (g_strdup (token != NULL ? token : ""));
  g_autoptr (JsonObject) claims = lw_jwt_claims (text);

  return claims != NULL ? lw_json_get_int (claims, "exp", 0) : 0;
}

static void
set_note (LwSignInFields *self, const char *text, const char *style)
{
  gtk_label_set_text (self->note, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
  gtk_widget_remove_css_class (GTK_WIDGET (self->note), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->note), "dim-label");
  if (text != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->note), style);
}

static void
set_invalid (GtkWidget *row, gboolean invalid)
{
  if (invalid)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               invalid ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

/* A pasted token says when it ends. */
static void
secret_changed (LwSignInFields *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->secret));
  gint64 left, end;
  g_autofree char *time = NULL;
  g_autofree char *note = NULL;

  set_invalid (self->secret, FALSE);
  set_note (self, NULL, NULL);
  if (lw_profile_get_sign_in (self->profile) != LW_SIGN_IN_TOKEN || *text == '\0')
    return;
  end = lw_token_expiry (text);
  left = end - g_get_real_time () / G_USEC_PER_SEC;
  if (end == 0)
    return;
  if (left <= 0)
    {
      set_invalid (self->secret, TRUE);
      set_note (self, _ ("This token has expired. Get a new one."), "error");
      return;
    }
  time = lw_time_left (left);
  note = g_strdup_printf (_ ("The token is good for %s more."), time);
  set_note (self, note, "dim-label");
}

static void
secret_activated (LwSignInFields *self)
{
  g_signal_emit (self, activated_signal, 0);
}

static void
file_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSignInFields) self = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL)
    g_signal_emit (self, certificate_chosen_signal, 0, g_file_peek_path (file));
}

static void
choose_clicked (LwSignInFields *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_filter_set_name (filter, _ ("Certificates with a key (PEM)"));
  gtk_file_filter_add_suffix (filter, "pem");
  gtk_file_filter_add_suffix (filter, "crt");
  gtk_file_filter_add_suffix (filter, "key");
  g_list_store_append (filters, filter);
  gtk_file_dialog_set_title (dialog, _ ("Certificate and Private Key"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, file_chosen,
                        g_object_ref (self));
}

static GtkWidget *
certificate_row (LwSignInFields *self)
{
  const char *path = lw_profile_get_certificate_file (self->profile);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("C_hoose…"));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Certificate and key"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), path != NULL ? path : _ ("No file chosen"));
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), path != NULL);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Choose the certificate's file"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (choose_clicked), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static GtkWidget *
secret_row (LwSignInFields *self, const char *title)
{
  GtkWidget *row = adw_password_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (secret_changed), self);
  g_signal_connect_swapped (row, "entry-activated", G_CALLBACK (secret_activated), self);
  return row;
}

static void
fill (LwSignInFields *self)
{
  LwSignIn how = lw_profile_get_sign_in (self->profile);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  if (how == LW_SIGN_IN_CERTIFICATE)
    {
      self->certificate = certificate_row (self);
      gtk_list_box_append (GTK_LIST_BOX (list), self->certificate);
      self->secret = secret_row (self, _ ("Passphrase, if the key has one"));
    }
  else if (how == LW_SIGN_IN_SECRET)
    self->secret = secret_row (self, _ ("Client secret"));
  else if (how == LW_SIGN_IN_TOKEN)
    self->secret = secret_row (self, _ ("Access token"));
  if (self->secret != NULL)
    gtk_list_box_append (GTK_LIST_BOX (list), self->secret);
  if (how != LW_SIGN_IN_TOKEN)
    {
      self->keep = adw_switch_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->keep), _ ("Keep me signed in"));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->keep),
                                   _ ("In this computer's keyring. Else for this session only."));
      adw_switch_row_set_active (ADW_SWITCH_ROW (self->keep), TRUE);
      gtk_list_box_append (GTK_LIST_BOX (list), self->keep);
    }
  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->note, TRUE);
  gtk_label_set_xalign (self->note, 0);
  gtk_widget_set_margin_start (GTK_WIDGET (self->note), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->note), 12);
  gtk_widget_set_visible (GTK_WIDGET (self->note), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->note));
  adw_bin_set_child (ADW_BIN (self), box);
}

const char *
lw_sign_in_fields_get_secret (LwSignInFields *self)
{
  const char *text;

  g_return_val_if_fail (LW_IS_SIGN_IN_FIELDS (self), NULL);
  text = self->secret != NULL ? gtk_editable_get_text (GTK_EDITABLE (self->secret)) : "";
  return *text != '\0' ? text : NULL;
}

gboolean
lw_sign_in_fields_is_session_only (LwSignInFields *self)
{
  g_return_val_if_fail (LW_IS_SIGN_IN_FIELDS (self), FALSE);
  return self->keep == NULL || !adw_switch_row_get_active (ADW_SWITCH_ROW (self->keep));
}

void
lw_sign_in_fields_set_session_only (LwSignInFields *self, gboolean session_only)
{
  g_return_if_fail (LW_IS_SIGN_IN_FIELDS (self));
  if (self->keep != NULL)
    adw_switch_row_set_active (ADW_SWITCH_ROW (self->keep), !session_only);
}

gboolean
lw_sign_in_fields_is_incomplete (LwSignInFields *self)
{
  LwSignIn how;

  g_return_val_if_fail (LW_IS_SIGN_IN_FIELDS (self), FALSE);
  how = lw_profile_get_sign_in (self->profile);
  if (how == LW_SIGN_IN_CERTIFICATE && lw_profile_get_certificate_file (self->profile) == NULL)
    {
      set_note (self, _ ("Choose the file with the certificate and its key."), "error");
      gtk_widget_child_focus (self->certificate, GTK_DIR_TAB_FORWARD);
      return TRUE;
    }
  if ((how == LW_SIGN_IN_SECRET || how == LW_SIGN_IN_TOKEN) &&
      lw_sign_in_fields_get_secret (self) == NULL)
    {
      set_invalid (self->secret, TRUE);
      set_note (self,
                how == LW_SIGN_IN_SECRET ? _ ("Enter the client secret.")
                                         : _ ("Paste an access token."),
                "error");
      gtk_widget_grab_focus (self->secret);
      return TRUE;
    }
  return FALSE;
}

void
lw_sign_in_fields_clear (LwSignInFields *self)
{
  g_return_if_fail (LW_IS_SIGN_IN_FIELDS (self));
  if (self->secret != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->secret), "");
}

static gboolean
lw_sign_in_fields_grab_focus (GtkWidget *widget)
{
  LwSignInFields *self = LW_SIGN_IN_FIELDS (widget);

  if (self->certificate != NULL && lw_profile_get_certificate_file (self->profile) == NULL)
    return gtk_widget_child_focus (self->certificate, GTK_DIR_TAB_FORWARD);
  return self->secret != NULL && gtk_widget_grab_focus (self->secret);
}

static void
lw_sign_in_fields_finalize (GObject *object)
{
  LwSignInFields *self = LW_SIGN_IN_FIELDS (object);

  g_clear_pointer (&self->profile, lw_profile_unref);
  G_OBJECT_CLASS (lw_sign_in_fields_parent_class)->finalize (object);
}

static void
lw_sign_in_fields_class_init (LwSignInFieldsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_sign_in_fields_finalize;
  GTK_WIDGET_CLASS (klass)->grab_focus = lw_sign_in_fields_grab_focus;
  activated_signal = g_signal_new ("activated", LW_TYPE_SIGN_IN_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  certificate_chosen_signal =
      g_signal_new ("certificate-chosen", LW_TYPE_SIGN_IN_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_sign_in_fields_init (LwSignInFields *self)
{
}

GtkWidget *
lw_sign_in_fields_new (LwProfile *profile)
{
  LwSignInFields *self = g_object_new (LW_TYPE_SIGN_IN_FIELDS, NULL);

  self->profile = lw_profile_ref (profile);
  fill (self);
  return GTK_WIDGET (self);
}
