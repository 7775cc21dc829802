/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

/* What the person has read of it, as long as the session lasts. */
#define READ "ledger-findings-read"
/* More sentences than anybody reads in a dialog; the rest is copied with them. */
#define SHOWN_MOST 12

/* A sentence each: about the local copy, then what is in the ledger and should not be, or is not any more.
 * (transfer full) */
static GStrv
findings_of (LwWorkspace *workspace)
{
  LwLedger *ledger = lw_session_get_ledger (lw_workspace_get_session (workspace));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (lw_ledger_get_notice (ledger) != NULL)
    g_strv_builder_add (builder, lw_ledger_get_notice (ledger));
  g_strv_builder_addv (builder, (const char **) lw_ledger_get_problems (ledger));
  return g_strv_builder_end (builder);
}

static LwWorkspace *
workspace_of (AdwBanner *banner)
{
  return g_object_get_data (G_OBJECT (banner), "workspace");
}

static void
update (AdwBanner *banner)
{
  LwWorkspace *workspace = workspace_of (banner);
  LwSession *session = lw_workspace_get_session (workspace);
  g_auto (GStrv) findings = findings_of (workspace);
  g_autofree char *all = g_strjoinv ("\n", findings);
  guint n = g_strv_length (findings);
  g_autofree char *title = NULL;

  if (n == 0 || g_strcmp0 (g_object_get_data (G_OBJECT (session), READ), all) == 0)
    {
      adw_banner_set_revealed (banner, FALSE);
      return;
    }
  if (n == 1)
    title = g_strdup (findings[0]);
  else
    title = g_strdup_printf (ngettext ("%u thing about the ledger is not as it should be.",
                                       "%u things about the ledger are not as they should be.", n),
                             n);
  adw_banner_set_title (banner, title);
  adw_banner_set_revealed (banner, TRUE);
}

static void
responded (AdwBanner *banner, const char *response)
{
  LwWorkspace *workspace = workspace_of (banner);
  g_auto (GStrv) findings = findings_of (workspace);
  g_autofree char *all = g_strjoinv ("\n", findings);

  if (g_str_equal (response, "copy"))
    {
      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (banner)), all);
      lw_toast (GTK_WIDGET (banner), _ ("Copied"));
    }
  g_object_set_data_full (G_OBJECT (lw_workspace_get_session (workspace)), READ,
                          g_steal_pointer (&all), g_free);
  update (banner);
}

static void
clicked (AdwBanner *banner)
{
  g_auto (GStrv) findings = findings_of (workspace_of (banner));
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = g_strv_length (findings);
  AdwAlertDialog *dialog;

  for (guint i = 0; i < MIN (n, SHOWN_MOST); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n\n" : "", findings[i]);
  if (n > SHOWN_MOST)
    {
      g_string_append (text, "\n\n");
      g_string_append_printf (text, ngettext ("And %u more.", "And %u more.", n - SHOWN_MOST),
                              n - SHOWN_MOST);
    }
  dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_ ("About the Ledger"), NULL));
  adw_alert_dialog_format_body (dialog, "%s", text->str);
  adw_alert_dialog_add_responses (dialog, "copy", _ ("C_opy"), "close", _ ("_Close"), NULL);
  adw_alert_dialog_set_close_response (dialog, "close");
  adw_alert_dialog_set_default_response (dialog, "close");
  g_signal_connect_object (dialog, "response", G_CALLBACK (responded), banner, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (banner));
}

static gboolean
update_now (gpointer data)
{
  g_object_set_data (G_OBJECT (data), "queued", NULL);
  update (data);
  return G_SOURCE_REMOVE;
}

/* The workspace changes on a fiber, whose stack is too small for widgets. */
static void
queue_update (AdwBanner *banner)
{
  if (g_object_get_data (G_OBJECT (banner), "queued") != NULL)
    return;
  g_object_set_data (G_OBJECT (banner), "queued", GINT_TO_POINTER (TRUE));
  g_idle_add_full (G_PRIORITY_DEFAULT, update_now, g_object_ref (banner), g_object_unref);
}

GtkWidget *
lw_ledger_banner_new (LwWorkspace *workspace)
{
  static const char *const followed[] = { "notify::loaded-at", "notify::error", "records-changed" };
  GtkWidget *banner = adw_banner_new ("");

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  adw_banner_set_use_markup (ADW_BANNER (banner), FALSE);
  adw_banner_set_button_label (ADW_BANNER (banner), _ ("_Details…"));
  g_object_set_data_full (G_OBJECT (banner), "workspace", g_object_ref (workspace), g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect_object (workspace, followed[i], G_CALLBACK (queue_update), banner,
                             G_CONNECT_SWAPPED);
  g_signal_connect (banner, "map", G_CALLBACK (update), NULL);
  g_signal_connect (banner, "button-clicked", G_CALLBACK (clicked), NULL);
  update (ADW_BANNER (banner));
  return banner;
}
