/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be tested of a connection before anybody signs in. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-probe.h"
#include "lw-setup-form-private.h"
#include "lw-when.h"
#include "lw-widgets.h"

void
lw_setup_form_test_tenant (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = lw_setup_form_to_cloud (self);
  g_autofree char *tenant = lw_setup_form_entry_text (self->tenant);

  if (*tenant == '\0')
    lw_check_line_set (self->tenant_line, LW_CHECK_BAD,
                       _ ("Enter the tenant's id or one of its domains, such as contoso.com."));
  else if (strpbrk (tenant, "/ ?#%") != NULL)
    lw_check_line_set (self->tenant_line, LW_CHECK_BAD,
                       _ ("This is neither a tenant's id nor a domain."));
  else if (cloud != NULL)
    lw_check_line_run (self->tenant_line, _ ("Looking for the tenant…"),
                       lw_probe_tenant (cloud, tenant, lw_setup_form_get_ca_file (self)));
}

void
lw_setup_form_test_client (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = lw_setup_form_to_cloud (self);
  g_autofree char *tenant = lw_setup_form_entry_text (self->tenant);
  g_autofree char *client = lw_setup_form_entry_text (self->client_id);
  LwSignIn how = lw_setup_form_get_sign_in (self);

  if (how == LW_SIGN_IN_TOKEN && *client == '\0')
    lw_check_line_reset (self->client_line);
  else if (!g_uuid_string_is_valid (client))
    lw_check_line_set (self->client_line, LW_CHECK_BAD,
                       _ ("Enter the application (client) id: 32 digits and letters with hyphens, "
                          "from the app registration's overview."));
  /* A tenant that is not there knows no application either; one that is being looked for comes first. */
  else if (lw_check_line_get_state (self->tenant_line) == LW_CHECK_RUNNING)
    lw_check_line_set (self->client_line, LW_CHECK_RUNNING, _ ("Looking for the application…"));
  else if (lw_check_line_get_state (self->tenant_line) == LW_CHECK_BAD)
    lw_check_line_reset (self->client_line);
  else if (cloud != NULL && *tenant != '\0')
    lw_check_line_run (
        self->client_line, _ ("Looking for the application…"),
        lw_probe_client (cloud, tenant, client, how, lw_setup_form_get_ca_file (self)));
}

void
lw_setup_form_test_ledger (LwSetupForm *self)
{
  g_autofree char *ledger = lw_setup_form_entry_text (self->ledger);

  if (*ledger == '\0')
    lw_check_line_set (self->ledger_line, LW_CHECK_BAD,
                       _ ("Enter a folder, or https://account.blob.core.windows.net/name."));
  else if (g_str_has_prefix (ledger, "http"))
    {
      if (lw_url_is_trustworthy (ledger))
        lw_check_line_set (self->ledger_line, LW_CHECK_GOOD,
                           _ ("The storage account is tested once you are signed in."));
      else
        lw_check_line_set (self->ledger_line, LW_CHECK_BAD, _ ("This is no https address."));
    }
  else
    lw_check_line_run (self->ledger_line, _ ("Looking at the folder…"), lw_probe_folder (ledger));
}

/* Whether the ledger's account, where there is one, is one of those that end with @suffix. */
static gboolean
fits_ledger (LwSetupForm *self, const char *suffix)
{
  g_autofree char *ledger = lw_setup_form_entry_text (self->ledger);
  g_autoptr (GUri) uri = g_uri_parse (ledger, G_URI_FLAGS_NONE, NULL);
  g_autofree char *end = g_strconcat (".", suffix, NULL);

  return uri == NULL || g_uri_get_host (uri) == NULL ||
         g_str_has_suffix (g_uri_get_host (uri), end);
}

static void
take_endpoints (LwSetupForm *self, const LwCloud *cloud)
{
  const char *blob = cloud->blob;

  if (blob == NULL && cloud->storage_suffix != NULL && fits_ledger (self, cloud->storage_suffix))
    blob = cloud->storage_suffix;
  if (lw_setup_form_is_empty (self->login))
    gtk_editable_set_text (GTK_EDITABLE (self->login), cloud->login);
  if (lw_setup_form_is_empty (self->graph))
    gtk_editable_set_text (GTK_EDITABLE (self->graph), cloud->graph);
  if (lw_setup_form_is_empty (self->blob) && blob != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->blob), blob);
}

static void
discovered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwSetupForm *self = owner;

  if (GPOINTER_TO_UINT (data) != self->discovery ||
      lw_check_line_get_state (self->cloud_line) != LW_CHECK_RUNNING)
    return;
  if (error != NULL)
    {
      g_autofree char *sentence = lw_error_sentence (error);

      lw_check_line_set (self->cloud_line, LW_CHECK_BAD, sentence);
    }
  else
    {
      take_endpoints (self, g_value_get_boxed (value));
      lw_check_line_set (self->cloud_line, LW_CHECK_GOOD,
                         _ ("The cloud answers, and said where its services are."));
    }
  if (self->all)
    lw_setup_form_test_rest (self);
  lw_setup_form_tested (self, NULL);
}

/* The cloud first: the others are asked in it. */
void
lw_setup_form_test_cloud (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = lw_setup_form_to_cloud (self);
  g_autofree char *arm = lw_setup_form_entry_text (self->arm);

  self->discovery++;
  if (cloud != NULL)
    lw_check_line_run (self->cloud_line, _ ("Asking the cloud…"),
                       lw_probe_cloud (cloud, lw_setup_form_get_ca_file (self)));
  else if (!lw_url_is_trustworthy (arm))
    {
      lw_check_line_set (self->cloud_line, LW_CHECK_BAD,
                         _ ("Enter the https address of the cloud's Resource Manager."));
      if (self->all)
        lw_setup_form_test_rest (self);
    }
  else
    {
      lw_check_line_set (self->cloud_line, LW_CHECK_RUNNING, _ ("Reading the cloud's services…"));
      lw_when (lw_cloud_discover (arm, lw_setup_form_get_ca_file (self)), self, discovered,
               GUINT_TO_POINTER (self->discovery), NULL);
    }
}

void
lw_setup_form_test_rest (LwSetupForm *self)
{
  lw_setup_form_test_tenant (self);
  lw_setup_form_test_client (self);
  lw_setup_form_test_ledger (self);
}
