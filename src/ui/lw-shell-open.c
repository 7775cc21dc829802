/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a connection comes to be open: whose it is, signing in and out. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-attention.h"
#include "lw-azure-error.h"
#include "lw-check-page.h"
#include "lw-keyring.h"
#include "lw-shell-private.h"
#include "lw-sign-in-page.h"
#include "lw-sign-in-words.h"
#include "lw-when.h"
#include "lw-widgets.h"

static void
new_session (LwShell *self, LwProfile *profile)
{
  lw_shell_close_workspace (self);
  g_clear_object (&self->session);
  self->session =
      lw_session_new (profile, lw_connection_get_access_token (self->connection), self->now);
}

/* Whether what stands in the pages is this person's. */
static gboolean
is_same_person (LwShell *self)
{
  const LwPerson *now = lw_session_get_person (self->session);
  const char *before = lw_workspace_get_account (self->workspace);

  return now != NULL && g_strcmp0 (now->id, before) == 0;
}

static void
show_pages (LwShell *self)
{
  gtk_stack_set_visible_child_name (self->stack, "main");
  adw_bin_set_child (self->other, NULL);
}

static void
session_ready (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_force_close (self->sign_in_dialog);
  lw_connection_set_person (self->connection, lw_session_get_person (self->session),
                            lw_session_get_organisation (self->session));
  if (self->workspace == NULL || !is_same_person (self))
    {
      lw_shell_close_workspace (self);
      self->workspace = lw_workspace_new (self->session);
      lw_attention_follow (GTK_WIDGET (self), self->workspace);
      lw_sidebar_set_workspace (self->sidebar, self->workspace);
      lw_shell_show_page (self, "requests", FALSE);
      adw_navigation_split_view_set_show_content (self->split, TRUE);
    }
  if (lw_connection_is_fresh (self->connection))
    {
      GtkWidget *page = lw_check_page_new (self->session);

      lw_connection_set_fresh (self->connection, FALSE);
      g_signal_connect_object (page, "continued", G_CALLBACK (show_pages), self, G_CONNECT_SWAPPED);
      lw_shell_show_other (self, page);
    }
  else
    show_pages (self);
  dex_future_disown (lw_workspace_refresh (self->workspace));
  lw_shell_finish_begun (self);
  lw_shell_emit_signed_in (self);
}

static void
sign_in_cancelled (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_close (self->sign_in_dialog);
  else if (lw_connection_get_account_id (self->connection) == NULL)
    lw_shell_emit_given_up (self);
}

static void show_sign_in (LwShell *self, const GError *why);

/* Another certificate: another session. Pages that are open cannot take it over. */
static void
connection_edited (LwShell *self)
{
  if (self->sign_in_dialog != NULL)
    adw_dialog_force_close (self->sign_in_dialog);
  new_session (self, lw_connection_get_profile (self->connection));
  show_sign_in (self, NULL);
}

static void
continue_as (LwShell *self, const char *account)
{
  const char *upn = NULL;
  g_autoptr (LwProfile) claimed = NULL;

  for (guint i = 0; self->people != NULL && i < self->people->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (self->people, i);

      if (g_str_equal (person->id, account))
        upn = person->upn;
    }
  claimed = lw_profile_with_account (lw_connection_get_profile (self->connection), account, upn);
  new_session (self, claimed);
  lw_shell_open (self);
}

static GtkWidget *
sign_in_page_new (LwShell *self, const GError *why)
{
  GtkWidget *page = lw_sign_in_page_new (self->session, self->connections, self->connection, why);

  g_signal_connect_object (page, "signed-in", G_CALLBACK (session_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "edited", G_CALLBACK (connection_edited), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "continue-as", G_CALLBACK (continue_as), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "retry", G_CALLBACK (lw_shell_open), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "given-up", G_CALLBACK (sign_in_cancelled), self,
                           G_CONNECT_SWAPPED);
  return page;
}

/* Whether the person asked for it just now, and nothing has to be typed. */
static gboolean
starts_by_itself (LwShell *self)
{
  LwSignIn how = lw_profile_get_sign_in (lw_connection_get_profile (self->connection));

  return lw_connection_get_persona (self->connection) != NULL ||
         (lw_connection_is_fresh (self->connection) &&
          (how == LW_SIGN_IN_BROWSER || how == LW_SIGN_IN_DEVICE_CODE));
}

static void
show_sign_in (LwShell *self, const GError *why)
{
  GtkWidget *page = sign_in_page_new (self, why);

  lw_shell_show_other (self, page);
  if (why == NULL && starts_by_itself (self))
    lw_sign_in_page_start (LW_SIGN_IN_PAGE (page));
}

static void
show_problem (LwShell *self, const GError *error)
{
  GtkWidget *view = adw_toolbar_view_new ();
  GtkWidget *header = adw_header_bar_new ();

  adw_header_bar_set_show_title (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header),
                             lw_switcher_new (self->connections, self->connection));
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), header);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view),
                                lw_error_status_page (_ ("The Connection Cannot Be Opened"), error,
                                                      G_CALLBACK (lw_shell_open), self));
  lw_shell_show_other (self, view);
}

static gboolean
asks_to_sign_in (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_LOCKED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_REFUSED);
}

/* Nobody signed in yet, or nothing was given yet: the page asks for it anyway. */
static gboolean
is_first_time (const GError *error)
{
  static const char *const codes[] = { LW_SIGN_IN_NOBODY, LW_SIGN_IN_NEEDS_ACCOUNT,
                                       LW_SIGN_IN_NEEDS_SECRET, LW_SIGN_IN_NEEDS_TOKEN, NULL };
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) && details != NULL &&
         details->code != NULL && details->claims == NULL && g_strv_contains (codes, details->code);
}

/* Who was chosen has to sign in after all: somebody else may as well. */
static void
let_go_of_choice (LwShell *self)
{
  if (lw_connection_get_account_id (self->connection) == NULL &&
      lw_profile_get_account_id (lw_session_get_profile (self->session)) != NULL &&
      !lw_identity_is_signed_in (lw_session_get_identity (self->session)))
    new_session (self, lw_connection_get_profile (self->connection));
}

static void
opened (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error == NULL)
    session_ready (self);
  else if (lw_connection_get_access_token (self->connection) != NULL || !asks_to_sign_in (error))
    show_problem (self, error);
  else
    {
      let_go_of_choice (self);
      show_sign_in (self, is_first_time (error) ? NULL : error);
    }
}

/* The name that another connection of the same account knows. (transfer none) (nullable) */
static const LwPerson *
find_known (LwShell *self, const char *account)
{
  GListModel *model = G_LIST_MODEL (self->connections);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      LwConnection *item = lw_connections_get_nth (self->connections, i);
      const char *id = lw_connection_get_account_id (item);

      if (id != NULL && g_ascii_strcasecmp (id, account) == 0 &&
          lw_connection_get_person (item) != NULL)
        return lw_connection_get_person (item);
    }
  return NULL;
}

static void
name_people (LwShell *self)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      LwPerson *person = g_ptr_array_index (self->people, i);
      const LwPerson *known = find_known (self, person->id);

      if (known != NULL)
        g_set_str (&person->name, known->name);
      if (known != NULL && known->upn != NULL)
        g_set_str (&person->upn, known->upn);
    }
}

/* Nobody said yet whose the connection is: it never becomes somebody's by itself. */
static void
listed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error != NULL)
    {
      opened (owner, value, error, data);
      return;
    }
  g_clear_pointer (&self->people, g_ptr_array_unref);
  self->people = g_value_dup_boxed (value);
  name_people (self);
  show_sign_in (self, NULL);
  lw_sign_in_page_offer (LW_SIGN_IN_PAGE (adw_bin_get_child (self->other)), self->people);
}

static void
discovered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (GError) local = NULL;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error == NULL)
    profile = lw_profile_with_cloud (lw_connection_get_profile (self->connection),
                                     g_value_get_boxed (value), &local);
  if (profile == NULL)
    {
      show_problem (self, error != NULL ? error : local);
      return;
    }
  lw_connection_set_profile (self->connection, profile);
  lw_shell_open (self);
}

void
lw_shell_open (LwShell *self)
{
  LwProfile *profile;

  g_return_if_fail (LW_IS_SHELL (self));
  profile = lw_connection_get_profile (self->connection);
  self->turn++;
  if (lw_profile_needs_endpoints (profile))
    {
      gtk_stack_set_visible_child_name (self->stack, "loading");
      lw_when (
          lw_cloud_discover (lw_profile_get_cloud (profile)->arm, lw_profile_get_ca_file (profile)),
          self, discovered, GUINT_TO_POINTER (self->turn), NULL);
      return;
    }
  if (self->session == NULL)
    new_session (self, profile);
  /* Who set it up just now chooses an account; what the keyring may have is another one's. */
  if (lw_connection_get_demo (self->connection) != NULL ||
      lw_connection_is_fresh (self->connection))
    {
      show_sign_in (self, NULL);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "loading");
  if (lw_connection_get_access_token (self->connection) == NULL &&
      lw_session_get_person (self->session) == NULL &&
      lw_sign_in_is_unclaimed (lw_session_get_profile (self->session)))
    lw_when (lw_keyring_list_people (profile), self, listed, GUINT_TO_POINTER (self->turn), NULL);
  else
    lw_when (lw_session_open (self->session), self, opened, GUINT_TO_POINTER (self->turn), NULL);
}

static void
dialog_closed (LwShell *self)
{
  self->sign_in_dialog = NULL;
}

void
lw_shell_sign_in (LwShell *self)
{
  g_autoptr (GError) why = NULL;

  g_return_if_fail (LW_IS_SHELL (self));
  if (self->session == NULL || self->sign_in_dialog != NULL)
    return;
  if (self->workspace == NULL)
    {
      show_sign_in (self, NULL);
      return;
    }
  /* The pages stay under it, with all that was typed. */
  g_object_get (self->workspace, "error", &why, NULL);
  self->sign_in_dialog = adw_dialog_new ();
  adw_dialog_set_title (self->sign_in_dialog, _ ("Sign In Again"));
  adw_dialog_set_content_width (self->sign_in_dialog, 520);
  adw_dialog_set_content_height (self->sign_in_dialog, 620);
  adw_dialog_set_child (self->sign_in_dialog,
                        sign_in_page_new (self, asks_to_sign_in (why) ? why : NULL));
  g_signal_connect_object (self->sign_in_dialog, "closed", G_CALLBACK (dialog_closed), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (self->sign_in_dialog, GTK_WIDGET (self));
}

static void
signed_out (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwShell *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  new_session (self, lw_connection_get_profile (self->connection));
  show_sign_in (self, error);
}

DexFuture *
lw_shell_forget (LwShell *self)
{
  g_autoptr (LwIdentity) unused = NULL;

  g_return_val_if_fail (LW_IS_SHELL (self), NULL);
  /* The one at work, so that a refresh that is under way writes nothing back. */
  if (self->session != NULL)
    return lw_session_sign_out (self->session);
  unused = lw_identity_new (lw_connection_get_profile (self->connection));
  return lw_identity_sign_out (unused);
}

void
lw_shell_sign_out_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwShell *self = LW_SHELL (widget);

  if (self->session == NULL)
    return;
  lw_shell_close_workspace (self);
  gtk_stack_set_visible_child_name (self->stack, "loading");
  lw_when (lw_session_sign_out (self->session), self, signed_out, GUINT_TO_POINTER (++self->turn),
           NULL);
}

void
lw_shell_sign_in_action (GtkWidget *widget, const char *name, GVariant *target)
{
  lw_shell_sign_in (LW_SHELL (widget));
}
