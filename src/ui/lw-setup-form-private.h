/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-check-line.h"
#include "lw-setup-form.h"

G_BEGIN_DECLS

#define LW_SETUP_CLOUD_CUSTOM 3 /* of lw_setup_form_get_cloud() */

struct _LwSetupForm
{
  AdwBin parent_instance;

  JsonObject *base; /* members that are kept as they are */
  gboolean connecting;
  gboolean all;    /* whether all that is set is to be tested, once it is known where */
  guint discovery; /* a newer one makes an older one void */
  gboolean anyway; /* the tests failed once; the person goes on all the same */

  AdwPreferencesPage *page;
  AdwPreferencesGroup *cloud_group;
  AdwPreferencesGroup *tenant_group;
  AdwPreferencesGroup *sign_in_group;
  AdwPreferencesGroup *ledger_group;
  AdwComboRow *cloud;
  AdwEntryRow *arm;
  AdwEntryRow *login;
  AdwEntryRow *graph;
  AdwEntryRow *blob;
  AdwEntryRow *tenant;
  AdwEntryRow *client_id;
  AdwComboRow *way;
  AdwEntryRow *certificate;
  AdwEntryRow *ledger;
  AdwEntryRow *name;
  AdwEntryRow *ca_file;
  GtkWidget *connect_button;
  GtkWidget *anyway_button;
  LwCheckLine *cloud_line;
  LwCheckLine *tenant_line;
  LwCheckLine *client_line;
  LwCheckLine *ledger_line;
};

/* What the fields say. */

/* The text without space around it. (transfer full) */
char *lw_setup_form_entry_text (AdwEntryRow *row);
gboolean lw_setup_form_is_empty (AdwEntryRow *row);
guint lw_setup_form_get_cloud (LwSetupForm *self);
LwSignIn lw_setup_form_get_sign_in (LwSetupForm *self);
/* Fills the list of ways to sign in. */
void lw_setup_form_add_ways (LwSetupForm *self);
/* Shows the fields that the cloud and the way to sign in have. */
void lw_setup_form_choice_changed (LwSetupForm *self);
/* (nullable): where no file is named in full */
const char *lw_setup_form_get_ca_file (LwSetupForm *self);
/* The cloud as far as the fields tell it. (transfer full) (nullable) */
LwCloud *lw_setup_form_to_cloud (LwSetupForm *self);
LwProfile *lw_setup_form_to_profile (LwSetupForm *self, GError **error);

/* What can be tested of them before anybody signs in. */

/* The cloud first: the others are asked in it. */
void lw_setup_form_test_cloud (LwSetupForm *self);
void lw_setup_form_test_tenant (LwSetupForm *self);
void lw_setup_form_test_client (LwSetupForm *self);
void lw_setup_form_test_ledger (LwSetupForm *self);
/* All but the cloud. */
void lw_setup_form_test_rest (LwSetupForm *self);
/* A test ended (%NULL: perhaps several): once all have, the form lets go or says what is wrong. */
void lw_setup_form_tested (LwSetupForm *self, LwCheckLine *line);

G_END_DECLS
