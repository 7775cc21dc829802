/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-window.h"

#include <glib/gi18n-lib.h>

#include "lw-connections-dialog.h"
#include "lw-demo-page.h"
#include "lw-settings.h"
#include "lw-setup-page.h"
#include "lw-shell.h"
#include "lw-shortcuts.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwWindow
{
  AdwApplicationWindow parent_instance;

  LwConnections *connections;
  GHashTable *shells;    /* LwConnection → its LwShell, which the stack owns */
  LwConnection *current; /* shown, or under what is asked for meanwhile */
  LwDemo *demo;
  char *persona; /* whom the demo starts as */
  GDateTime *now;
  guint flushing;   /* shells that are still saving what was typed, and the connections */
  gboolean unsaved; /* a connection, since it was to be closed */
  gboolean flushed;

  GtkStack *stack;
  AdwBin *other;
};

G_DEFINE_FINAL_TYPE (LwWindow, lw_window, ADW_TYPE_APPLICATION_WINDOW)

static void
show_other (LwWindow *self, GtkWidget *child)
{
  adw_bin_set_child (self->other, child);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->other));
}

static LwShell *
get_shell (LwWindow *self, LwConnection *connection)
{
  return connection != NULL ? g_hash_table_lookup (self->shells, connection) : NULL;
}

/* The shell that is in front; none while something else is asked for. */
static LwShell *
front_shell (LwWindow *self)
{
  GtkWidget *shown = gtk_stack_get_visible_child (self->stack);

  return LW_IS_SHELL (shown) ? LW_SHELL (shown) : NULL;
}

static void
drop_shell (LwWindow *self, LwConnection *connection)
{
  LwShell *shell = get_shell (self, connection);

  if (shell == NULL)
    return;
  g_hash_table_remove (self->shells, connection);
  lw_shell_close (shell);
  gtk_stack_remove (self->stack, GTK_WIDGET (shell));
}

/* Back to what was shown before, else to what may be connected to. */
static void
show_something (LwWindow *self)
{
  LwConnection *next = self->current;

  if (next == NULL || get_shell (self, next) == NULL)
    next = lw_connections_find_last (self->connections);
  if (next == NULL)
    next = lw_connections_get_nth (self->connections, 0);
  if (next != NULL)
    lw_window_show_connection (self, next);
  else
    lw_window_show_setup (self);
}

/* A connection that was only tried leaves no trace. */
static void
given_up (LwWindow *self, LwShell *shell)
{
  g_autoptr (LwConnection) connection = g_object_ref (lw_shell_get_connection (shell));

  if (lw_connection_get_path (connection) == NULL)
    lw_connections_remove (self->connections, connection);
  drop_shell (self, connection);
  if (self->current == connection)
    g_clear_object (&self->current);
  if (lw_connection_get_path (connection) != NULL && g_hash_table_size (self->shells) == 0)
    lw_window_show_setup (self);
  else
    show_something (self);
}

/* Somebody signed in: from now on the connection is theirs. */
static void
signed_in (LwWindow *self, LwShell *shell)
{
  g_autoptr (LwConnection) connection = g_object_ref (lw_shell_get_connection (shell));
  const LwPerson *person = lw_connection_get_person (connection);
  LwProfile *profile = lw_connection_get_profile (connection);
  g_autoptr (LwProfile) bound = NULL;
  g_autoptr (GError) error = NULL;
  LwConnection *twin;

  if (lw_connection_get_demo (connection) != NULL ||
      lw_connection_get_access_token (connection) != NULL || person == NULL || person->id == NULL ||
      lw_profile_get_account_id (profile) != NULL)
    return;
  twin = lw_connections_find_twin (self->connections, connection);
  if (twin != NULL)
    {
      /* It was there already: go on with that one. */
      lw_connections_remove (self->connections, connection);
      lw_window_show_connection (self, twin);
      drop_shell (self, connection);
      return;
    }
  bound = lw_profile_with_account (profile, person->id, person->upn);
  if (!lw_connections_keep (self->connections, connection, bound, &error))
    lw_error_dialog (GTK_WIDGET (self), _ ("The Connection Could Not Be Saved"), error);
  lw_connections_remember (self->connections, connection);
}

static LwShell *
add_shell (LwWindow *self, LwConnection *connection)
{
  GtkWidget *shell = lw_shell_new (self->connections, connection, self->now);

  g_signal_connect_object (shell, "signed-in", G_CALLBACK (signed_in), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (shell, "given-up", G_CALLBACK (given_up), self, G_CONNECT_SWAPPED);
  gtk_stack_add_child (self->stack, shell);
  g_hash_table_insert (self->shells, g_object_ref (connection), shell);
  return LW_SHELL (shell);
}

LwConnections *
lw_window_get_connections (LwWindow *self)
{
  g_return_val_if_fail (LW_IS_WINDOW (self), NULL);
  return self->connections;
}

void
lw_window_show_connection (LwWindow *self, LwConnection *connection)
{
  LwShell *shell;
  gboolean fresh;

  g_return_if_fail (LW_IS_WINDOW (self));
  g_return_if_fail (LW_IS_CONNECTION (connection));
  shell = get_shell (self, connection);
  fresh = shell == NULL;
  if (fresh)
    shell = add_shell (self, connection);
  g_set_object (&self->current, connection);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (shell));
  adw_bin_set_child (self->other, NULL);
  lw_connections_remember (self->connections, connection);
  if (fresh)
    lw_shell_open (shell);
}

void
lw_window_open_profile (LwWindow *self, const char *path, const char *access_token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwConnection) connection = NULL;

  g_return_if_fail (LW_IS_WINDOW (self));
  connection = lw_connections_open_file (self->connections, path, access_token, &error);
  if (connection != NULL)
    lw_window_show_connection (self, connection);
  else
    lw_window_show_problem (self, _ ("The Profile Cannot Be Read"), error);
}

static gboolean
open_named (LwWindow *self, const char *upn)
{
  GListModel *model = G_LIST_MODEL (self->connections);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      LwConnection *item = lw_connections_get_nth (self->connections, i);

      if (lw_connection_get_demo (item) == self->demo &&
          g_strcmp0 (lw_connection_get_persona (item), upn) == 0)
        {
          lw_window_show_connection (self, item);
          return TRUE;
        }
    }
  return FALSE;
}

/* @upn: (nullable): whoever signs in in a browser. */
static void
demo_chosen (LwWindow *self, const char *upn)
{
  g_autoptr (LwConnection) connection = NULL;

  if (upn != NULL && open_named (self, upn))
    return;
  connection = lw_connection_new_demo (self->demo, NULL);
  lw_connections_add (self->connections, connection);
  lw_window_show_connection (self, connection);
}

static void
show_demo (LwWindow *self)
{
  GtkWidget *page = lw_demo_page_new (self->demo);

  g_signal_connect_object (page, "chosen", G_CALLBACK (demo_chosen), self, G_CONNECT_SWAPPED);
  show_other (self, page);
}

static void
demo_again (LwWindow *self)
{
  lw_window_open_demo (self, self->persona);
}

static void
demo_started (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwWindow *self = owner;
  LwDemo *demo = data;
  GPtrArray *personas;

  if (demo != self->demo)
    return;
  if (error != NULL)
    {
      g_clear_object (&self->demo);
      show_other (self, lw_with_header (lw_error_status_page (_ ("The Demo Cannot Start"), error,
                                                              G_CALLBACK (demo_again), self)));
      return;
    }
  personas = lw_demo_get_personas (demo);
  for (guint i = 0; i < personas->len; i++)
    {
      g_autoptr (LwConnection) connection =
          lw_connection_new_demo (demo, g_ptr_array_index (personas, i));

      lw_connections_add (self->connections, connection);
    }
  if (self->persona == NULL || !open_named (self, self->persona))
    show_demo (self);
}

void
lw_window_open_demo (LwWindow *self, const char *persona)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  if (self->demo != NULL && lw_demo_get_profile (self->demo) != NULL)
    {
      if (persona == NULL || !open_named (self, persona))
        show_demo (self);
      return;
    }
  if (persona != self->persona)
    g_set_str (&self->persona, persona);
  g_clear_object (&self->demo);
  self->demo = lw_demo_new ();
  gtk_stack_set_visible_child_name (self->stack, "loading");
  lw_when (lw_demo_start (self->demo), self, demo_started, g_object_ref (self->demo),
           g_object_unref);
}

void
lw_window_set_now (LwWindow *self, GDateTime *now)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  g_clear_pointer (&self->now, g_date_time_unref);
  self->now = now != NULL ? g_date_time_ref (now) : NULL;
}

void
lw_window_open_last (LwWindow *self)
{
  LwConnection *last;

  g_return_if_fail (LW_IS_WINDOW (self));
  last = lw_connections_find_last (self->connections);
  if (last != NULL)
    lw_window_show_connection (self, last);
  else
    lw_window_show_setup (self);
}

static void
setup_connect (LwWindow *self, LwProfile *profile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwConnection) connection = NULL;

  connection = lw_connections_create (self->connections, profile, &error);
  if (connection == NULL)
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The Connection Could Not Be Saved"), error);
      return;
    }
  lw_connection_set_fresh (connection, TRUE);
  drop_shell (self, connection);
  lw_window_show_connection (self, connection);
}

/* Whatever was open of it was another one's. */
static void
edit_connect (LwWindow *self, LwProfile *profile)
{
  lw_connections_update (self->connections, self->current, profile);
  lw_connection_set_fresh (self->current, TRUE);
  drop_shell (self, self->current);
  lw_window_show_connection (self, self->current);
}

static void
edit_connection_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  GtkWidget *page;

  if (self->current == NULL || lw_connection_get_demo (self->current) != NULL)
    return;
  page = lw_setup_page_new_for (lw_connection_get_profile (self->current),
                                lw_connections_get_presets (self->connections));
  g_signal_connect_object (page, "connect", G_CALLBACK (edit_connect), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "cancelled", G_CALLBACK (show_something), self, G_CONNECT_SWAPPED);
  show_other (self, page);
}

void
lw_window_show_setup (LwWindow *self)
{
  GtkWidget *page;

  g_return_if_fail (LW_IS_WINDOW (self));
  page = lw_setup_page_new (self->connections, lw_connections_get_presets (self->connections),
                            g_hash_table_size (self->shells) > 0);
  g_signal_connect_object (page, "connect", G_CALLBACK (setup_connect), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "cancelled", G_CALLBACK (show_something), self, G_CONNECT_SWAPPED);
  show_other (self, page);
}

void
lw_window_show_problem (LwWindow *self, const char *title, const GError *error)
{
  g_return_if_fail (LW_IS_WINDOW (self));
  show_other (self, lw_with_header (lw_error_status_page (
                        title, error, G_CALLBACK (lw_window_show_setup), self)));
}

/* Everything that concerns one connection is done by the shell in front. */
static void
forward_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *shell = front_shell (LW_WINDOW (widget));
  g_autofree char *action = g_strconcat ("shell.", name + strlen ("win."), NULL);

  if (shell != NULL)
    gtk_widget_activate_action_variant (GTK_WIDGET (shell), action, target);
}

static void
connection_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  LwConnection *connection =
      lw_connections_get_nth (self->connections, g_variant_get_uint32 (target));

  if (connection != NULL)
    lw_window_show_connection (self, connection);
}

static void
add_connection_action (GtkWidget *widget, const char *name, GVariant *target)
{
  lw_window_show_setup (LW_WINDOW (widget));
}

/* The same tenant with another account, beside the one that is open. */
static void
sign_in_else_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  g_autoptr (LwProfile) stranger = NULL;
  g_autoptr (LwConnection) connection = NULL;
  LwProfile *profile;

  if (self->current == NULL)
    return;
  if (lw_connection_get_demo (self->current) != NULL)
    {
      show_demo (self);
      return;
    }
  profile = lw_connection_get_profile (self->current);
  if (lw_connection_get_account_id (self->current) == NULL)
    {
      lw_shell_sign_in (get_shell (self, self->current));
      return;
    }
  stranger = lw_profile_with_account (profile, NULL, NULL);
  connection = lw_connection_new (stranger, NULL, NULL);
  lw_connection_set_fresh (connection, TRUE);
  lw_connections_add (self->connections, connection);
  lw_window_show_connection (self, connection);
}

static void
forgotten (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  if (error != NULL)
    {
      g_autoptr (GError) told = g_error_copy (error);

      g_prefix_error (&told, "%s ",
                      _ ("The connection is removed, but its sign-in is still in the keyring. "
                         "Remove it there."));
      lw_error_dialog (GTK_WIDGET (owner), _ ("The Sign-in Could Not Be Forgotten"), told);
    }
}

/* Forgets the sign-in of a connection that is gone, where that is nobody else's. */
static void
forget_sign_in (LwWindow *self, LwConnection *connection)
{
  LwProfile *profile = lw_connection_get_profile (connection);
  LwSignIn how = lw_profile_get_sign_in (profile);
  LwShell *shell = get_shell (self, connection);
  g_autoptr (LwIdentity) identity = NULL;

  if (lw_connection_get_demo (connection) != NULL ||
      lw_connection_get_access_token (connection) != NULL ||
      (lw_connection_get_account_id (connection) == NULL &&
       (how == LW_SIGN_IN_BROWSER || how == LW_SIGN_IN_DEVICE_CODE)) ||
      lw_connections_shares_sign_in (self->connections, connection))
    return;
  if (shell == NULL)
    identity = lw_identity_new (profile);
  lw_when (shell != NULL ? lw_shell_forget (shell) : lw_identity_sign_out (identity), self,
           forgotten, NULL, NULL);
}

static void
removed (LwWindow *self, LwConnection *connection)
{
  g_autoptr (LwConnection) kept = g_object_ref (connection);

  forget_sign_in (self, kept);
  drop_shell (self, kept);
  if (self->current != kept)
    return;
  g_clear_object (&self->current);
  show_something (self);
}

static void
connections_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwWindow *self = LW_WINDOW (widget);
  AdwDialog *dialog = lw_connections_dialog_new (self->connections);

  g_signal_connect_object (dialog, "removed", G_CALLBACK (removed), self, G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, widget);
}

static void
shortcuts_action (GtkWidget *widget, const char *name, GVariant *target)
{
  lw_shortcuts_dialog_present (widget);
}

static void
flushed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwWindow *self = owner;

  if (self->flushing == 0)
    return;
  if (error != NULL)
    {
      self->flushing = 0;
      lw_error_dialog (GTK_WIDGET (self), _ ("The Draft Could Not Be Saved"), error);
      return;
    }
  if (--self->flushing > 0 || self->unsaved)
    return;
  self->flushed = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static void
connection_failed (LwWindow *self, const char *heading, const GError *error)
{
  self->unsaved = TRUE;
  lw_error_dialog (GTK_WIDGET (self), heading, error);
}

static void
remember_size (LwWindow *self)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  int width, height;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (width >= 360 && height >= 294)
    {
      g_settings_set_int (settings, "window-width", width);
      g_settings_set_int (settings, "window-height", height);
    }
  g_settings_set_boolean (settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
}

static gboolean
lw_window_close_request (GtkWindow *window)
{
  LwWindow *self = LW_WINDOW (window);
  GHashTableIter iter;
  gpointer shell;

  if (!self->flushed)
    {
      if (self->flushing > 0)
        return TRUE;
      self->unsaved = FALSE;
      self->flushing = g_hash_table_size (self->shells) + 1;
      lw_when (lw_connections_flush (self->connections), self, flushed, NULL, NULL);
      g_hash_table_iter_init (&iter, self->shells);
      while (g_hash_table_iter_next (&iter, NULL, &shell))
        lw_when (lw_shell_flush (shell), self, flushed, NULL, NULL);
      return TRUE;
    }
  remember_size (self);
  g_hash_table_iter_init (&iter, self->shells);
  while (g_hash_table_iter_next (&iter, NULL, &shell))
    lw_shell_close (shell);
  return GTK_WINDOW_CLASS (lw_window_parent_class)->close_request (window);
}

static void
lw_window_dispose (GObject *object)
{
  LwWindow *self = LW_WINDOW (object);

  g_hash_table_remove_all (self->shells);
  if (self->demo != NULL)
    lw_demo_stop (self->demo);
  g_clear_object (&self->demo);
  g_clear_object (&self->current);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_WINDOW);
  g_clear_object (&self->connections);
  G_OBJECT_CLASS (lw_window_parent_class)->dispose (object);
}

static void
lw_window_finalize (GObject *object)
{
  LwWindow *self = LW_WINDOW (object);

  g_clear_pointer (&self->shells, g_hash_table_unref);
  g_clear_pointer (&self->now, g_date_time_unref);
  g_free (self->persona);
  G_OBJECT_CLASS (lw_window_parent_class)->finalize (object);
}

static void
lw_window_class_init (LwWindowClass *klass)
{
  static const struct
  {
    const char *name;
    const char *type;
  } forwarded[] = {
    { "win.new-request", NULL }, { "win.open-request", "s" }, { "win.edit-request", "s" },
    { "win.show-page", "s" },    { "win.show-tile", "u" },    { "win.refresh", NULL },
    { "win.sign-in", NULL },     { "win.sign-out", NULL },    { "win.switcher", NULL },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = lw_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-window.ui");
  gtk_widget_class_bind_template_child (widget_class, LwWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, LwWindow, other);
  for (guint i = 0; i < G_N_ELEMENTS (forwarded); i++)
    gtk_widget_class_install_action (widget_class, forwarded[i].name, forwarded[i].type,
                                     forward_action);
  gtk_widget_class_install_action (widget_class, "win.connection", "u", connection_action);
  gtk_widget_class_install_action (widget_class, "win.add-connection", NULL, add_connection_action);
  gtk_widget_class_install_action (widget_class, "win.edit-connection", NULL,
                                   edit_connection_action);
  gtk_widget_class_install_action (widget_class, "win.sign-in-else", NULL, sign_in_else_action);
  gtk_widget_class_install_action (widget_class, "win.connections", NULL, connections_action);
  gtk_widget_class_install_action (widget_class, "win.shortcuts", NULL, shortcuts_action);
}

static void
lw_window_init (LwWindow *self)
{
  g_autoptr (GSettings) settings = lw_settings_new ();

  self->connections = lw_connections_new (lw_presets_load ());
  g_signal_connect_object (self->connections, "failed", G_CALLBACK (connection_failed), self,
                           G_CONNECT_SWAPPED);
  self->shells = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  if (settings != NULL)
    {
      gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                                   g_settings_get_int (settings, "window-height"));
      if (g_settings_get_boolean (settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    }
#ifdef LW_DEVELOPMENT
  if (g_str_has_suffix (LW_APP_ID, ".Devel"))
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
#endif
}

LwWindow *
lw_window_new (AdwApplication *application)
{
  return g_object_new (LW_TYPE_WINDOW, "application", application, NULL);
}
