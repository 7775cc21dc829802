/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-ledger-error.h"
#include "lw-outbox-dialog.h"

/* What goes on and has a remedy, in the order of what hinders most. */
typedef enum
{
  STATE_NONE,
  STATE_SIGN_IN,
  STATE_OFFLINE,
  STATE_ERROR,
  STATE_OUTBOX,
  STATE_KEYRING,
  STATE_NOTICES
} State;

/* What the page says itself, with the same remedy. */
#define QUIET "quiet"
/* What updates it once the fiber that changed something has made way. */
#define QUEUED "queued"
/* What the client found out and the person has read, as a set of sentences. */
#define NOTICES_SEEN "notices-seen"

static gboolean
is_offline (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);
}

static void
set_banner (AdwBanner *banner, State state, const char *title, const char *button)
{
  g_object_set_data (G_OBJECT (banner), "state", GINT_TO_POINTER (state));
  adw_banner_set_button_label (banner, button);
  if (title != NULL)
    adw_banner_set_title (banner, title);
  adw_banner_set_revealed (banner, state != STATE_NONE);
}

/* What was found out about the cloud since somebody looked. (transfer full) (nullable) */
static char *
unread_notices (LwSession *session)
{
  GPtrArray *notices = lw_client_get_notices (lw_session_get_client (session));
  GHashTable *seen = g_object_get_data (G_OBJECT (session), NOTICES_SEEN);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < notices->len; i++)
    {
      const LwNotice *notice = g_ptr_array_index (notices, i);

      if (seen == NULL || !g_hash_table_contains (seen, notice->message))
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", notice->message);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* Whether the page behind it already says that this could not be read. */
static gboolean
is_said (AdwBanner *banner)
{
  return g_object_get_data (G_OBJECT (banner), QUIET) != NULL;
}

/* What waits to be sent, in a sentence. (transfer full) (nullable) */
static char *
waiting_sentence (LwSession *session)
{
  LwSender *sender = lw_session_get_sender (session);
  const char *notice = sender != NULL ? lw_outbox_get_notice (lw_sender_get_outbox (sender)) : NULL;

  if (notice != NULL)
    return g_strdup (notice);
  return sender != NULL ? lw_outbox_sentence (sender) : NULL;
}

static void
take_notices_as_read (LwSession *session)
{
  GPtrArray *notices = lw_client_get_notices (lw_session_get_client (session));
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < notices->len; i++)
    g_hash_table_add (seen, g_strdup (((LwNotice *) g_ptr_array_index (notices, i))->message));
  g_object_set_data_full (G_OBJECT (session), NOTICES_SEEN, seen,
                          (GDestroyNotify) g_hash_table_unref);
}

static void
update (AdwBanner *banner)
{
  LwWorkspace *workspace = g_object_get_data (G_OBJECT (banner), "workspace");
  LwSession *session = lw_workspace_get_session (workspace);
  g_autofree char *waiting = waiting_sentence (session);
  const GError *keyring = lw_identity_get_keyring_error (lw_session_get_identity (session));
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) loaded = NULL;
  g_autofree char *title = NULL;

  g_object_get (workspace, "error", &error, "loaded-at", &loaded, NULL);
  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
    set_banner (banner, STATE_SIGN_IN, error->message, _ ("_Sign In…"));
  else if (error != NULL && is_said (banner))
    set_banner (banner, STATE_NONE, NULL, NULL);
  else if (error != NULL && is_offline (error))
    {
      if (loaded != NULL)
        {
          g_autoptr (GDateTime) local = g_date_time_to_local (loaded);
          g_autofree char *time = g_date_time_format (local, "%H:%M");

          title = g_strdup_printf (_ ("Offline since %s. What you see may be out of date."), time);
        }
      else
        title = g_strdup_printf (_ ("Offline. %s"), error->message);
      if (waiting != NULL)
        {
          char *both = g_strdup_printf ("%s %s", title, waiting);

          g_free (title);
          title = both;
        }
      set_banner (banner, STATE_OFFLINE, title, _ ("_Try Again"));
    }
  else if (error != NULL)
    set_banner (banner, STATE_ERROR, error->message, _ ("_Try Again"));
  else if (waiting != NULL)
    set_banner (banner, STATE_OUTBOX, waiting, _ ("_Look…"));
  else if (keyring != NULL && g_object_get_data (G_OBJECT (session), "keyring-seen") == NULL)
    {
      title =
          g_strdup_printf (_ ("You will have to sign in again next time. %s"), keyring->message);
      set_banner (banner, STATE_KEYRING, title, _ ("_OK"));
    }
  else if ((title = unread_notices (session)) != NULL)
    set_banner (banner, STATE_NOTICES, title, _ ("_OK"));
  else
    set_banner (banner, STATE_NONE, NULL, NULL);
}

static void
clicked (AdwBanner *banner)
{
  LwWorkspace *workspace = g_object_get_data (G_OBJECT (banner), "workspace");

  switch ((State) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (banner), "state")))
    {
    case STATE_SIGN_IN:
      gtk_widget_activate_action (GTK_WIDGET (banner), "win.sign-in", NULL);
      break;
    case STATE_OFFLINE:
    case STATE_ERROR:
      gtk_widget_activate_action (GTK_WIDGET (banner), "win.refresh", NULL);
      break;
    case STATE_OUTBOX:
      adw_dialog_present (lw_outbox_dialog_new (workspace), GTK_WIDGET (banner));
      break;
    case STATE_KEYRING:
      g_object_set_data (G_OBJECT (lw_workspace_get_session (workspace)), "keyring-seen",
                         GINT_TO_POINTER (TRUE));
      update (banner);
      break;
    case STATE_NOTICES:
      take_notices_as_read (lw_workspace_get_session (workspace));
      update (banner);
      break;
    case STATE_NONE:
    default:
      break;
    }
}

static gboolean
update_now (gpointer data)
{
  g_object_set_data (G_OBJECT (data), QUEUED, NULL);
  update (data);
  return G_SOURCE_REMOVE;
}

/* The workspace changes on a fiber, whose stack is too small for widgets. */
static void
queue_update (AdwBanner *banner)
{
  if (g_object_get_data (G_OBJECT (banner), QUEUED) != NULL)
    return;
  g_object_set_data (G_OBJECT (banner), QUEUED, GINT_TO_POINTER (TRUE));
  g_idle_add_full (G_PRIORITY_DEFAULT, update_now, g_object_ref (banner), g_object_unref);
}

void
lw_state_banner_set_quiet (GtkWidget *banner, gboolean quiet)
{
  g_return_if_fail (ADW_IS_BANNER (banner));
  if (quiet == is_said (ADW_BANNER (banner)))
    return;
  g_object_set_data (G_OBJECT (banner), QUIET, GINT_TO_POINTER (quiet));
  update (ADW_BANNER (banner));
}

GtkWidget *
lw_state_banner_new (LwWorkspace *workspace)
{
  GtkWidget *banner = adw_banner_new ("");
  LwSender *sender = lw_session_get_sender (lw_workspace_get_session (workspace));

  adw_banner_set_use_markup (ADW_BANNER (banner), FALSE);
  g_object_set_data_full (G_OBJECT (banner), "workspace", g_object_ref (workspace), g_object_unref);
  g_signal_connect_object (workspace, "notify::error", G_CALLBACK (queue_update), banner,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::loaded-at", G_CALLBACK (queue_update), banner,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "portfolio-changed", G_CALLBACK (queue_update), banner,
                           G_CONNECT_SWAPPED);
  if (sender != NULL)
    g_signal_connect_object (sender, "changed", G_CALLBACK (queue_update), banner,
                             G_CONNECT_SWAPPED);
  /* What was read on another page is read here too. */
  g_signal_connect (banner, "map", G_CALLBACK (update), NULL);
  g_signal_connect (banner, "button-clicked", G_CALLBACK (clicked), NULL);
  update (ADW_BANNER (banner));
  return banner;
}
