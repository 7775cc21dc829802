/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-application.h"

#include <glib/gi18n-lib.h>

#include "lw-attach.h"
#include "lw-request.h"
#include "lw-ui.h"
#include "lw-window.h"

struct _LwApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (LwApplication, lw_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "profile", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Open the connection of this file"),
    N_ ("FILE") },
  { "demo", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Open the simulated tenant"), NULL },
  { "persona", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Sign in to the demo as this person"),
    N_ ("UPN") },
  { "now", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Take this for the time of now"), N_ ("INSTANT") },
  { "access-token-file", 0, 0, G_OPTION_ARG_FILENAME, NULL,
    N_ ("Use the token in this file instead of signing in"), N_ ("FILE") },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
  { NULL },
};

static LwWindow *
get_window (LwApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return LW_IS_WINDOW (window) ? LW_WINDOW (window) : lw_window_new (ADW_APPLICATION (self));
}

static void
open_profile (LwWindow *window, const char *path, const char *token_path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  if (token_path != NULL && !g_file_get_contents (token_path, &token, NULL, &error))
    {
      lw_window_show_problem (window, _ ("The Token Cannot Be Read"), error);
      return;
    }
  if (token != NULL)
    g_strstrip (token);
  lw_window_open_profile (window, path, token);
}

static void
open_anything (LwApplication *self, GVariantDict *given)
{
  LwWindow *window = get_window (self);
  gboolean fresh = !gtk_widget_get_mapped (GTK_WIDGET (window));
  const char *profile = NULL, *persona = NULL, *token = NULL, *now = NULL;
  gboolean demo = FALSE;

  if (given != NULL)
    {
      g_variant_dict_lookup (given, "profile", "^&ay", &profile);
      g_variant_dict_lookup (given, "access-token-file", "^&ay", &token);
      g_variant_dict_lookup (given, "persona", "&s", &persona);
      g_variant_dict_lookup (given, "now", "&s", &now);
      g_variant_dict_lookup (given, "demo", "b", &demo);
    }
  if (now != NULL)
    {
      g_autoptr (GDateTime) instant = lw_instant_parse (now, NULL);

      lw_window_set_now (window, instant);
    }
  if (demo || persona != NULL)
    lw_window_open_demo (window, persona);
  else if (profile != NULL)
    open_profile (window, profile, token);
  else if (fresh)
    lw_window_open_last (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
lw_application_activate (GApplication *application)
{
  open_anything (LW_APPLICATION (application), NULL);
}

static int
lw_application_command_line (GApplication *application, GApplicationCommandLine *line)
{
  open_anything (LW_APPLICATION (application), g_application_command_line_get_options_dict (line));
  return 0;
}

static int
lw_application_handle_local_options (GApplication *application, GVariantDict *given)
{
  const char *now = NULL;

  if (g_variant_dict_contains (given, "version"))
    {
      g_print ("leeway %s\n", LW_VERSION);
      return 0;
    }
  if (g_variant_dict_lookup (given, "now", "&s", &now))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GDateTime) instant = lw_instant_parse (now, &error);

      if (instant == NULL)
        {
          g_printerr ("leeway: --now: %s\n", error->message);
          return 2;
        }
    }
  return -1;
}

static void
about_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *self = user_data;
  AdwDialog *about = adw_about_dialog_new ();

  adw_about_dialog_set_application_name (ADW_ABOUT_DIALOG (about), "Leeway");
  adw_about_dialog_set_application_icon (ADW_ABOUT_DIALOG (about), LW_APP_ID);
  adw_about_dialog_set_developer_name (ADW_ABOUT_DIALOG (about), _ ("The Leeway contributors"));
  adw_about_dialog_set_version (ADW_ABOUT_DIALOG (about), LW_VERSION);
  adw_about_dialog_set_comments (
      ADW_ABOUT_DIALOG (about),
      _ ("Exemptions from Azure Policy that are narrow, owned, time-limited and backed by "
         "compensating controls."));
  adw_about_dialog_set_license_type (ADW_ABOUT_DIALOG (about), GTK_LICENSE_GPL_3_0);
  adw_dialog_present (about, GTK_WIDGET (gtk_application_get_active_window (self)));
}

static void
quit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);

  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (user_data);
}

static void
demo_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  lw_window_open_demo (get_window (user_data), NULL);
}

static const GActionEntry actions[] = {
  { "about", about_activated },
  { "quit", quit_activated },
  { "demo", demo_activated },
};

static const char *const connection_keys[] = { "<Alt>1", "<Alt>2", "<Alt>3", "<Alt>4", "<Alt>5",
                                               "<Alt>6", "<Alt>7", "<Alt>8", "<Alt>9" };

static const struct
{
  const char *action;
  const char *keys[3];
} accelerators[] = {
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.new-request", { "<Control>n" } },
  { "win.refresh", { "F5", "<Control>r" } },
  { "win.shortcuts", { "<Control>question" } },
  { "win.show-page::requests", { "<Control>1" } },
  { "win.show-page::review", { "<Control>2" } },
  { "win.show-page::portfolio", { "<Control>3" } },
  { "win.show-page::exemptions", { "<Control>4" } },
  { "win.switcher", { "<Control><Shift>c" } },
};

/* Copies of evidence that were opened do not outlive the program. */
static void
lw_application_shutdown (GApplication *application)
{
  lw_evidence_remove_copies (0);
  G_APPLICATION_CLASS (lw_application_parent_class)->shutdown (application);
}

static void
lw_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (lw_application_parent_class)->startup (application);
  lw_evidence_remove_copies (3600);
  lw_ui_init ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accelerators[i].action,
                                           (const char *const *) accelerators[i].keys);
  for (guint i = 0; i < G_N_ELEMENTS (connection_keys); i++)
    {
      g_autofree char *action = g_strdup_printf ("win.connection(uint32 %u)", i);
      const char *const keys[] = { connection_keys[i], NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (application), action, keys);
    }
}

static void
lw_application_class_init (LwApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = lw_application_startup;
  application_class->shutdown = lw_application_shutdown;
  application_class->activate = lw_application_activate;
  application_class->command_line = lw_application_command_line;
  application_class->handle_local_options = lw_application_handle_local_options;
}

static void
lw_application_init (LwApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

LwApplication *
lw_application_new (void)
{
  return g_object_new (LW_TYPE_APPLICATION, "application-id", LW_APP_ID, "resource-base-path",
                       "/org/leeway/Leeway", "flags", G_APPLICATION_HANDLES_COMMAND_LINE, NULL);
}
