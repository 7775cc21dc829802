/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-sign-in-page.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-widgets.h"

struct _LwSignInPage
{
  AdwBin parent_instance;

  LwSession *session;
  LwDemo *demo;
  GCancellable *running; /* nullable */
  char *address;

  AdwBanner *banner;
  GtkStack *stack;
  AdwStatusPage *ask;
  GtkListBox *personas;
  GtkWidget *browser_button;
  AdwStatusPage *waiting;
  GtkWidget *copy_button;
};

static guint signed_in_signal;

G_DEFINE_FINAL_TYPE (LwSignInPage, lw_sign_in_page, ADW_TYPE_BIN)

static void
show_problem (LwSignInPage *self, const char *text)
{
  adw_banner_set_title (self->banner, text != NULL ? text : "");
  adw_banner_set_revealed (self->banner, text != NULL);
  if (text != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
launched (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSignInPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (object), result, &error) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;
  show_problem (self, _ ("No browser could be opened. Copy the address and open it yourself."));
}

static void
open_in_browser (const char *uri, gpointer user_data)
{
  LwSignInPage *self = user_data;
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (uri);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_set_str (&self->address, uri);
  gtk_widget_set_visible (self->copy_button, TRUE);
  gtk_uri_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                           launched, g_object_ref (self));
}

typedef struct
{
  LwSignInPage *page;
  char *upn;
  GCancellable *cancellable;
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_object_unref (start->page);
  g_object_unref (start->cancellable);
  g_free (start->upn);
  g_free (start);
}

static DexFuture *
sign_in_fiber (gpointer data)
{
  Start *start = data;
  LwSignInPage *self = start->page;
  g_autoptr (GError) error = NULL;
  gboolean demo = start->upn != NULL && self->demo != NULL;
  const LwSignInAsk ask = { .login_hint = start->upn };
  const LwSignInHooks hooks = { .open_uri = demo ? lw_demo_open_uri : open_in_browser };
  gpointer target = demo ? g_object_ref (G_OBJECT (self->demo)) : g_object_ref (G_OBJECT (self));
  gboolean done;

  done = dex_await (
      lw_session_sign_in (self->session, &ask, &hooks, target, g_object_unref, start->cancellable),
      &error);
  if (g_cancellable_is_cancelled (start->cancellable))
    return dex_future_new_for_boolean (FALSE);
  if (done)
    g_signal_emit (self, signed_in_signal, 0);
  else if (!lw_error_is_cancelled (error))
    {
      gtk_stack_set_visible_child_name (self->stack, "ask");
      show_problem (self, error->message);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
stop (LwSignInPage *self)
{
  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
}

void
lw_sign_in_page_start (LwSignInPage *self, const char *upn)
{
  Start *start;

  g_return_if_fail (LW_IS_SIGN_IN_PAGE (self));
  show_problem (self, NULL);
  gtk_widget_set_visible (self->copy_button, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "waiting");
  if (upn != NULL && self->demo != NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("As %s, on the demo tenant."), upn);
      g_autofree char *escaped = g_markup_escape_text (text, -1);

      adw_status_page_set_title (self->waiting, _ ("Signing In"));
      adw_status_page_set_description (self->waiting, escaped);
    }
  else
    {
      adw_status_page_set_title (self->waiting, _ ("Go On in Your Browser"));
      adw_status_page_set_description (
          self->waiting, _ ("Sign in there. Leeway goes on by itself when you are done."));
    }
  start = g_new0 (Start, 1);
  start->page = g_object_ref (self);
  start->upn = g_strdup (upn);
  start->cancellable = g_cancellable_new ();
  stop (self);
  self->running = g_object_ref (start->cancellable);
  dex_future_disown (dex_scheduler_spawn (NULL, 0, sign_in_fiber, start, start_free));
}

static void
cancel_clicked (LwSignInPage *self)
{
  stop (self);
  gtk_stack_set_visible_child_name (self->stack, "ask");
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
browser_clicked (LwSignInPage *self)
{
  lw_sign_in_page_start (self, NULL);
}

static void
persona_activated (LwSignInPage *self, GtkListBoxRow *row)
{
  lw_sign_in_page_start (self, g_object_get_data (G_OBJECT (row), "upn"));
}

static void
fill_personas (LwSignInPage *self)
{
  GPtrArray *personas = lw_demo_get_personas (self->demo);

  for (guint i = 0; i < personas->len; i++)
    {
      LwPerson *person = g_ptr_array_index (personas, i);
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *avatar = adw_avatar_new (32, person->name, TRUE);

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                     person->name != NULL ? person->name : person->upn);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), person->upn);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_object_set_data_full (G_OBJECT (row), "upn", g_strdup (person->upn), g_free);
      gtk_list_box_append (self->personas, row);
    }
}

static void
lw_sign_in_page_dispose (GObject *object)
{
  LwSignInPage *self = LW_SIGN_IN_PAGE (object);

  stop (self);
  g_clear_object (&self->session);
  g_clear_object (&self->demo);
  g_clear_pointer (&self->address, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SIGN_IN_PAGE);
  G_OBJECT_CLASS (lw_sign_in_page_parent_class)->dispose (object);
}

static void
lw_sign_in_page_class_init (LwSignInPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_sign_in_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-sign-in-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, banner);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, ask);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, personas);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, browser_button);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, waiting);
  gtk_widget_class_bind_template_child (widget_class, LwSignInPage, copy_button);
  gtk_widget_class_bind_template_callback (widget_class, browser_clicked);
  gtk_widget_class_bind_template_callback (widget_class, cancel_clicked);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, persona_activated);
  signed_in_signal = g_signal_new ("signed-in", LW_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_sign_in_page_init (LwSignInPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_sign_in_page_new (LwSession *session, LwDemo *demo, const GError *why)
{
  LwSignInPage *self = g_object_new (LW_TYPE_SIGN_IN_PAGE, NULL);

  self->session = g_object_ref (session);
  if (demo != NULL)
    {
      self->demo = g_object_ref (demo);
      fill_personas (self);
      gtk_widget_set_visible (GTK_WIDGET (self->personas), TRUE);
      gtk_widget_add_css_class (GTK_WIDGET (self->ask), "compact");
      adw_status_page_set_title (self->ask, _ ("Who Do You Want to Be?"));
      adw_status_page_set_description (
          self->ask,
          _ ("The demo tenant is a simulation on this computer. Each of its people may do "
             "other things."));
      gtk_button_set_label (GTK_BUTTON (self->browser_button), _ ("Open in _Browser"));
      gtk_widget_remove_css_class (self->browser_button, "suggested-action");
    }
  if (why != NULL)
    show_problem (self, why->message);
  return GTK_WIDGET (self);
}
