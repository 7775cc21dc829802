/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was begun in Azure and cut off is finished as soon as its person is signed in again. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-apply-begun.h"
#include "lw-await.h"
#include "lw-shell-private.h"
#include "lw-when.h"
#include "lw-widgets.h"

static const char *
title_of (const LwFinished *finished)
{
  return finished->title ? finished->title : finished->request_id;
}

static void
show_request (LwShell *self, AdwToast *toast)
{
  const char *id = g_object_get_data (G_OBJECT (toast), "request");

  gtk_widget_activate_action (GTK_WIDGET (self), "shell.open-request", "s", id);
}

static void
say (LwShell *self, const LwFinished *finished)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *text = NULL;
  AdwToast *toast;

  if (finished->value->phase == LW_PHASE_APPLIED)
    text = g_strdup_printf (_ ("“%s” was cut off before it was in Azure; now it is"),
                            title_of (finished));
  else
    text = g_strdup_printf (_ ("“%s” was cut off, and Azure refused a part of it"),
                            title_of (finished));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (!overlay)
    return;
  toast = adw_toast_new ("");
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  /* Nobody clicked just now, so it waits to be seen. */
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_button_label (toast, _ ("_Show"));
  g_object_set_data_full (G_OBJECT (toast), "request", g_strdup (finished->request_id), g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (show_request), self,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
say_unfinished (LwShell *self, const LwFinished *finished)
{
  /* Translators: %s is the title of a request */
  g_autofree char *heading =
      g_strdup_printf (_ ("“%s” Was Cut Off and Is Not Finished"), title_of (finished));

  if (!lw_error_is_cancelled (finished->error))
    lw_error_dialog (GTK_WIDGET (self), heading, finished->error);
}

static void
finished (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;
  LwWorkspace *workspace = data;
  GPtrArray *all = value ? g_value_get_boxed (value) : NULL;

  /* An outbox that cannot be read says so itself. */
  if (self->workspace != workspace || !all || all->len == 0)
    return;

  for (guint i = 0; i < all->len; i++)
    {
      const LwFinished *one = g_ptr_array_index (all, i);

      if (one->error)
        say_unfinished (self, one);
      else
        {
          lw_workspace_take_case (workspace, one->value);
          say (self, one);
        }
    }
  dex_future_disown (lw_workspace_refresh (workspace));
}

void
lw_shell_finish_begun (LwShell *self)
{
  lw_when (lw_finish_begun (lw_workspace_get_session (self->workspace)), self, finished,
           g_object_ref (self->workspace), g_object_unref);
}
