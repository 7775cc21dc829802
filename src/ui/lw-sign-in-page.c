/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-sign-in-page.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-azure-error.h"
#include "lw-device-code.h"
#include "lw-settings.h"
#include "lw-sign-in-fields.h"
#include "lw-sign-in-words.h"
#include "lw-switcher.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwSignInPage
{
  AdwBin parent_instance;

  LwSession *session;
  LwConnections *connections;
  LwConnection *connection;
  GCancellable *running; /* the sign-in that goes on; nullable */
  char *claims;
  char *address;
  GError *why;     /* what is shown as the reason; nullable */
  gboolean offers; /* to go on as somebody who is signed in already */

  AdwHeaderBar *header;
  LwSwitcher *switcher;
  GtkStack *stack;
  AdwStatusPage *ask;
  AdwBin *details;
  AdwBin *fields_bin;
  LwSignInFields *fields;
  AdwPreferencesGroup *choices;
  GtkButton *sign_in_button;
  GtkWidget *session_button;
  GtkWidget *other_button;
  GtkWidget *edit_button;
  AdwStatusPage *waiting;
  GtkWidget *browser_buttons;
  GtkWidget *cancel_button;
  LwDeviceCodeView *code;
};

static guint signed_in_signal;
static guint given_up_signal;
static guint edited_signal;
static guint continue_as_signal;
static guint retry_signal;

G_DEFINE_FINAL_TYPE (LwSignInPage, lw_sign_in_page, ADW_TYPE_BIN)

static LwSignIn
get_way (LwSignInPage *self)
{
  return lw_profile_get_sign_in (lw_connection_get_profile (self->connection));
}

/* Whether the sign-in itself worked and what came after it did not. */
static gboolean
is_past_sign_in (LwSignInPage *self)
{
  return self->why != NULL && !lw_error_is_keyring (self->why) &&
         !g_error_matches (self->why, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) &&
         lw_identity_is_signed_in (lw_session_get_identity (self->session));
}

static void
set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_status_page_set_description (page, escaped);
}

/* What went wrong, what it means, what to do: as the page itself. */
static void
show_problem (LwSignInPage *self)
{
  const char *hint = lw_sign_in_problem_hint (self->why);
  g_autofree char *sentence = lw_error_sentence (self->why);
  g_autofree char *text =
      hint != NULL ? g_strdup_printf ("%s\n%s", sentence, hint) : g_strdup (sentence);
  const char *title = is_past_sign_in (self) ? _ ("The Connection Cannot Be Opened")
                                             : lw_sign_in_problem_title (self->why, get_way (self));

  adw_status_page_set_icon_name (self->ask, "dialog-warning-symbolic");
  adw_status_page_set_title (self->ask, title);
  set_description (self->ask, text);
  adw_bin_set_child (self->details, lw_error_details_new (self->why));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static const char *
verb_for (LwSignInPage *self)
{
  LwSignIn how = get_way (self);

  if (is_past_sign_in (self) || (self->why != NULL && lw_error_is_keyring (self->why)))
    return _ ("_Try Again");
  if (self->why != NULL && how == LW_SIGN_IN_DEVICE_CODE)
    return _ ("Get a _New Code");
  if (self->why != NULL && how == LW_SIGN_IN_BROWSER)
    return _ ("_Sign In Again");
  if (self->offers)
    return _ ("_Sign In as Somebody Else");
  return lw_sign_in_verb (how);
}

static void
show_ask (LwSignInPage *self, const GError *why)
{
  LwSignIn how = get_way (self);
  GError *kept = why != NULL ? g_error_copy (why) : NULL;
  gboolean keyring = why != NULL && lw_error_is_keyring (why);
  gboolean asks_keep = how != LW_SIGN_IN_TOKEN;

  g_clear_error (&self->why);
  self->why = kept;
  lw_device_code_view_stop (self->code);
  if (self->why != NULL)
    show_problem (self);
  else
    {
      adw_status_page_set_icon_name (self->ask, "lw-shield-symbolic");
      adw_status_page_set_title (self->ask, self->offers ? _ ("Whose Connection Is This?")
                                                         : lw_sign_in_title (how));
      set_description (self->ask, self->offers
                                      ? _ ("Nobody has opened it yet. Go on as somebody who is "
                                           "signed in on this computer, or sign in.")
                                      : lw_sign_in_description (how));
      adw_bin_set_child (self->details, NULL);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->details), adw_bin_get_child (self->details) != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->fields_bin),
                          !is_past_sign_in (self) && (!keyring || !asks_keep));
  gtk_widget_set_visible (GTK_WIDGET (self->choices), self->offers && self->why == NULL);
  if (self->offers && self->why == NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self->sign_in_button), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->sign_in_button), "suggested-action");
  gtk_button_set_label (self->sign_in_button, verb_for (self));
  gtk_widget_set_visible (self->session_button, keyring);
  gtk_stack_set_visible_child_name (self->stack, "ask");
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) &&
      !gtk_widget_grab_focus (GTK_WIDGET (self->fields)))
    gtk_widget_grab_focus (GTK_WIDGET (self->sign_in_button));
}

static void
launched (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSignInPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (object), result, &error) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;
  if (self->running != NULL)
    set_description (
        self->waiting,
        _ ("No browser could be opened. Copy the address and open it yourself, on this computer."));
}

static void
open_address (LwSignInPage *self)
{
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (self->address);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_uri_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                           launched, g_object_ref (self));
}

/* What the sign-in asks for comes on a fiber, which has no stack for widgets. */
typedef struct
{
  LwSignInPage *page;
  GCancellable *running;
  char *uri;
  char *code;
  gint64 expires_at;
} Shown;

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_object_unref (shown->page);
  g_object_unref (shown->running);
  g_free (shown->uri);
  g_free (shown->code);
  g_free (shown);
}

static gboolean
show_now (gpointer data)
{
  Shown *shown = data;
  LwSignInPage *self = shown->page;

  if (self->running != shown->running)
    return G_SOURCE_REMOVE;
  if (shown->code != NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "code");
      lw_device_code_view_show (self->code, shown->uri, shown->code, shown->expires_at);
      return G_SOURCE_REMOVE;
    }
  g_set_str (&self->address, shown->uri);
  if (lw_connection_get_persona (self->connection) != NULL)
    {
      lw_demo_open_uri (shown->uri, lw_connection_get_demo (self->connection));
      return G_SOURCE_REMOVE;
    }
  gtk_widget_set_visible (self->browser_buttons, TRUE);
  open_address (self);
  return G_SOURCE_REMOVE;
}

static void
show_later (LwSignInPage *self, const char *uri, const char *code, gint64 expires_at)
{
  Shown *shown;

  if (self->running == NULL)
    return;
  shown = g_new0 (Shown, 1);
  shown->page = g_object_ref (self);
  shown->running = g_object_ref (self->running);
  shown->uri = g_strdup (uri);
  shown->code = g_strdup (code);
  shown->expires_at = expires_at;
  g_idle_add_full (G_PRIORITY_DEFAULT, show_now, shown, shown_free);
}

static void
open_uri (const char *uri, gpointer user_data)
{
  show_later (user_data, uri, NULL, 0);
}

static void
show_code (const LwDeviceCode *code, gpointer user_data)
{
  show_later (user_data, code->uri, code->code, code->expires_at);
}

static void
finished (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwSignInPage *self = owner;

  if (self->running != data)
    return;
  g_clear_object (&self->running);
  lw_sign_in_fields_clear (self->fields);
  lw_device_code_view_stop (self->code);
  if (error == NULL)
    g_signal_emit (self, signed_in_signal, 0);
  else
    show_ask (self, lw_error_is_cancelled (error) ? NULL : error);
}

static void
stop (LwSignInPage *self)
{
  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  lw_device_code_view_stop (self->code);
}

static void
show_waiting (LwSignInPage *self)
{
  const char *persona = lw_connection_get_persona (self->connection);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->browser_buttons, FALSE);
  if (persona != NULL)
    text = g_strdup_printf (_ ("As %s, on the demo tenant."), persona);
  else if (get_way (self) == LW_SIGN_IN_BROWSER && !is_past_sign_in (self))
    text = g_strdup (_ ("Sign in there. Leeway goes on by itself when you are done."));
  adw_status_page_set_title (self->waiting, persona != NULL ||
                                                    get_way (self) != LW_SIGN_IN_BROWSER ||
                                                    is_past_sign_in (self)
                                                ? _ ("Signing In")
                                                : _ ("Go On in Your Browser"));
  set_description (self->waiting, text != NULL ? text : "");
  gtk_stack_set_visible_child_name (self->stack, "waiting");
  gtk_widget_grab_focus (self->cancel_button);
}

static void
start (LwSignInPage *self, gboolean session_only)
{
  const LwSignInHooks hooks = { .open_uri = open_uri, .show_code = show_code };
  const LwSignInAsk ask = {
    .claims = self->claims,
    .login_hint = lw_connection_get_persona (self->connection),
    .secret = lw_sign_in_fields_get_secret (self->fields),
    .session_only = session_only,
  };

  stop (self);
  show_waiting (self);
  self->running = g_cancellable_new ();
  lw_when (lw_session_sign_in (self->session, &ask, &hooks, g_object_ref (self), g_object_unref,
                               self->running),
           self, finished, g_object_ref (self->running), g_object_unref);
}

/* What is there already is tried once more: the keyring, or what comes after signing in. */
static void
open_again (LwSignInPage *self)
{
  stop (self);
  show_waiting (self);
  adw_status_page_set_title (self->waiting, _ ("Connecting"));
  set_description (self->waiting, "");
  self->running = g_cancellable_new ();
  lw_when (lw_session_open (self->session), self, finished, g_object_ref (self->running),
           g_object_unref);
}

void
lw_sign_in_page_start (LwSignInPage *self)
{
  g_return_if_fail (LW_IS_SIGN_IN_PAGE (self));
  start (self, lw_sign_in_fields_is_session_only (self->fields));
}

/* Whether what the keyring has would be anybody's. */
static gboolean
is_nobodys (LwSignInPage *self)
{
  return lw_session_get_person (self->session) == NULL &&
         lw_sign_in_is_unclaimed (lw_session_get_profile (self->session));
}

static void
sign_in_clicked (LwSignInPage *self)
{
  if (self->why != NULL && lw_error_is_keyring (self->why) && is_nobodys (self))
    g_signal_emit (self, retry_signal, 0);
  else if (is_past_sign_in (self) || (self->why != NULL && lw_error_is_keyring (self->why)))
    open_again (self);
  else if (!lw_sign_in_fields_is_incomplete (self->fields))
    start (self, lw_sign_in_fields_is_session_only (self->fields));
}

static void
session_clicked (LwSignInPage *self)
{
  lw_sign_in_fields_set_session_only (self->fields, TRUE);
  show_ask (self, NULL);
  if (get_way (self) == LW_SIGN_IN_BROWSER || get_way (self) == LW_SIGN_IN_DEVICE_CODE)
    start (self, TRUE);
}

static void
cancel_clicked (LwSignInPage *self)
{
  g_autoptr (GError) why = self->why != NULL ? g_error_copy (self->why) : NULL;

  stop (self);
  show_ask (self, why);
}

static void
other_clicked (LwSignInPage *self)
{
  stop (self);
  g_signal_emit (self, given_up_signal, 0);
}

static void
copy_clicked (LwSignInPage *self)
{
  if (self->address == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->address);
  lw_toast (GTK_WIDGET (self), _ ("Address copied"));
}

static void
open_again_clicked (LwSignInPage *self)
{
  if (self->address != NULL)
    open_address (self);
}

static void
certificate_chosen (LwSignInPage *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_with_member (
      lw_connection_get_profile (self->connection), "certificateFile", path, &error);

  if (profile == NULL)
    {
      show_ask (self, error);
      return;
    }
  lw_connections_update (self->connections, self->connection, profile);
  g_signal_emit (self, edited_signal, 0);
}

static void
row_activated (LwSignInPage *self, GtkWidget *row)
{
  g_signal_emit (self, continue_as_signal, 0, g_object_get_data (G_OBJECT (row), "account"));
}

static GtkWidget *
row_new (LwSignInPage *self, const LwPerson *person)
{
  GtkWidget *row = adw_action_row_new ();
  const char *name = person->name != NULL ? person->name : person->upn;
  g_autofree char *label = NULL;

  if (name == NULL)
    name = person->id;
  label = g_strdup_printf (_ ("Continue as %s"), name);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  if (name != person->upn && person->upn != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), person->upn);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), adw_avatar_new (32, name, person->name != NULL));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (row), "account", g_strdup (person->id), g_free);
  g_signal_connect_object (row, "activated", G_CALLBACK (row_activated), self, G_CONNECT_SWAPPED);
  return row;
}

void
lw_sign_in_page_offer (LwSignInPage *self, GPtrArray *people)
{
  g_return_if_fail (LW_IS_SIGN_IN_PAGE (self));
  g_return_if_fail (!self->offers);
  for (guint i = 0; i < people->len; i++)
    adw_preferences_group_add (self->choices, row_new (self, g_ptr_array_index (people, i)));
  self->offers = people->len > 0;
  show_ask (self, NULL);
}

void
lw_sign_in_page_popup_switcher (LwSignInPage *self)
{
  g_return_if_fail (LW_IS_SIGN_IN_PAGE (self));
  lw_switcher_popup (self->switcher);
}

static void
lw_sign_in_page_dispose (GObject *object)
{
  LwSignInPage *self = LW_SIGN_IN_PAGE (object);

  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  g_clear_object (&self->session);
  g_clear_object (&self->connections);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->claims, g_free);
  g_clear_pointer (&self->address, g_free);
  g_clear_error (&self->why);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SIGN_IN_PAGE);
  G_OBJECT_CLASS (lw_sign_in_page_parent_class)->dispose (object);
}

static void
lw_sign_in_page_class_init (LwSignInPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_sign_in_page_dispose;
  g_type_ensure (LW_TYPE_SWITCHER);
  g_type_ensure (LW_TYPE_DEVICE_CODE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-sign-in-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, header);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, switcher);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, ask);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, details);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, fields_bin);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, choices);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, session_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, other_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, edit_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, waiting);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, browser_buttons);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, code);
  gtk_widget_class_bind_template_callback (widget_class, sign_in_clicked);
  gtk_widget_class_bind_template_callback (widget_class, session_clicked);
  gtk_widget_class_bind_template_callback (widget_class, other_clicked);
  gtk_widget_class_bind_template_callback (widget_class, cancel_clicked);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, open_again_clicked);
  signed_in_signal = g_signal_new ("signed-in", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  given_up_signal = g_signal_new ("given-up", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  continue_as_signal = g_signal_new ("continue-as", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  retry_signal = g_signal_new ("retry", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
  edited_signal = g_signal_new ("edited", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
lw_sign_in_page_init (LwSignInPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_sign_in_page_new (LwSession *session,
                     LwConnections *connections,
                     LwConnection *connection,
                     const GError *why)
{
  LwSignInPage *self = g_object_new (LW_TYPE_SIGN_IN_PAGE, NULL);
  const LwAzureErrorDetails *details = lw_azure_error_get_details (why);
  gboolean demo = lw_connection_get_demo (connection) != NULL;

  self->session = g_object_ref (session);
  self->connections = g_object_ref (connections);
  self->connection = g_object_ref (connection);
  self->claims = details != NULL ? g_strdup (details->claims) : NULL;
  lw_switcher_set (self->switcher, connections, connection);
  self->fields = LW_SIGN_IN_FIELDS (lw_sign_in_fields_new (lw_session_get_profile (session)));
  g_signal_connect_swapped (self->fields, "activated", G_CALLBACK (sign_in_clicked), self);
  g_signal_connect_swapped (self->fields, "certificate-chosen", G_CALLBACK (certificate_chosen),
                            self);
  g_signal_connect_swapped (self->code, "cancelled", G_CALLBACK (cancel_clicked), self);
  adw_bin_set_child (self->fields_bin, GTK_WIDGET (self->fields));
  gtk_widget_set_visible (self->edit_button, !demo);
  gtk_widget_set_visible (self->other_button, lw_connection_get_account_id (connection) == NULL);
  if (demo)
    lw_sign_in_fields_set_session_only (self->fields, TRUE);
  show_ask (self, why);
  return GTK_WIDGET (self);
}
