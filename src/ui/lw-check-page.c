/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-check-page.h"

#include <glib/gi18n-lib.h>

#include "lw-check-line.h"
#include "lw-probe.h"
#include "lw-widgets.h"

#define N_LINES 5

struct _LwCheckPage
{
  AdwBin parent_instance;

  LwSession *session;
  AdwStatusPage *page;
  LwCheckLine *lines[N_LINES];
  GtkWidget *buttons;
  GtkWidget *go_on;
};

static guint continued_signal;

G_DEFINE_FINAL_TYPE (LwCheckPage, lw_check_page, ADW_TYPE_BIN)

static void
continue_clicked (LwCheckPage *self)
{
  g_signal_emit (self, continued_signal, 0);
}

static void
finish (LwCheckPage *self)
{
  guint bad = 0;

  for (guint i = 0; i < N_LINES; i++)
    {
      if (lw_check_line_get_state (self->lines[i]) == LW_CHECK_RUNNING)
        return;
      bad += lw_check_line_get_state (self->lines[i]) == LW_CHECK_BAD;
    }
  if (bad == 0)
    {
      lw_toast (GTK_WIDGET (self), _ ("The connection works"));
      continue_clicked (self);
      return;
    }
  adw_status_page_set_icon_name (self->page, "dialog-warning-symbolic");
  adw_status_page_set_title (self->page, _ ("Not Everything Works"));
  adw_status_page_set_description (
      self->page,
      _ ("You are signed in and can look around. What is marked has to be mended first."));
  gtk_widget_set_visible (self->buttons, TRUE);
  gtk_widget_grab_focus (self->go_on);
}

static void
run (LwCheckPage *self)
{
  LwProfile *profile = lw_session_get_profile (self->session);
  const LwPerson *person = lw_session_get_person (self->session);
  g_autofree char *who =
      g_strdup_printf (_ ("%s is signed in."), person == NULL         ? ""
                                               : person->name != NULL ? person->name
                                               : person->upn != NULL  ? person->upn
                                                                      : person->id);

  gtk_widget_set_visible (self->buttons, FALSE);
  adw_status_page_set_icon_name (self->page, "lw-shield-symbolic");
  adw_status_page_set_title (self->page, _ ("Testing the Connection"));
  adw_status_page_set_description (self->page, NULL);
  lw_check_line_set (self->lines[0], LW_CHECK_GOOD, who);
  lw_check_line_run (
      self->lines[1], _ ("Asking the cloud…"),
      lw_probe_cloud (lw_profile_get_cloud (profile), lw_profile_get_ca_file (profile)));
  lw_check_line_run (self->lines[2], _ ("Asking the directory…"),
                     lw_probe_directory (self->session));
  lw_check_line_run (self->lines[3], _ ("Reading the ledger…"),
                     lw_probe_ledger_read (self->session));
  lw_check_line_run (self->lines[4], _ ("Writing to the ledger…"),
                     lw_probe_ledger_write (self->session));
}

static void
lw_check_page_dispose (GObject *object)
{
  LwCheckPage *self = LW_CHECK_PAGE (object);

  g_clear_object (&self->session);
  G_OBJECT_CLASS (lw_check_page_parent_class)->dispose (object);
}

static void
lw_check_page_class_init (LwCheckPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_check_page_dispose;
  continued_signal = g_signal_new ("continued", LW_TYPE_CHECK_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_check_page_init (LwCheckPage *self)
{
}

static GtkWidget *
button_new (const char *label, gboolean suggested)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_add_css_class (button, "pill");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  if (suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  return button;
}

GtkWidget *
lw_check_page_new (LwSession *session)
{
  LwCheckPage *self = g_object_new (LW_TYPE_CHECK_PAGE, NULL);
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *again = button_new (_ ("_Test Again"), FALSE);
  GtkWidget *edit = gtk_button_new_with_mnemonic (_ ("Change the _Connection…"));

  self->session = g_object_ref (session);
  self->page = ADW_STATUS_PAGE (adw_status_page_new ());
  self->buttons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->go_on = button_new (_ ("C_ontinue"), TRUE);
  gtk_widget_set_margin_top (self->buttons, 18);
  for (guint i = 0; i < N_LINES; i++)
    {
      self->lines[i] = LW_CHECK_LINE (lw_check_line_new (NULL));
      g_signal_connect_object (self->lines[i], "done", G_CALLBACK (finish), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->lines[i]));
    }
  gtk_widget_add_css_class (edit, "flat");
  gtk_widget_set_halign (edit, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (edit), "win.edit-connection");
  g_signal_connect_swapped (self->go_on, "clicked", G_CALLBACK (continue_clicked), self);
  g_signal_connect_swapped (again, "clicked", G_CALLBACK (run), self);
  gtk_box_append (GTK_BOX (self->buttons), self->go_on);
  gtk_box_append (GTK_BOX (self->buttons), again);
  gtk_box_append (GTK_BOX (self->buttons), edit);
  gtk_box_append (GTK_BOX (box), self->buttons);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 460);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_status_page_set_child (self->page, clamp);
  gtk_widget_add_css_class (GTK_WIDGET (self->page), "compact");
  adw_bin_set_child (ADW_BIN (self), lw_with_header (GTK_WIDGET (self->page)));
  run (self);
  return GTK_WIDGET (self);
}
