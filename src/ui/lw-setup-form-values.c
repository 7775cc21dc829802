/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the fields of a connection say, and what they are filled with. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-setup-form-private.h"
#include "lw-sign-in-words.h"

static const char *const cloud_names[] = { "AzureCloud", "AzureUSGovernment", "AzureChinaCloud",
                                           "custom" };

static const struct
{
  const char *name;
  LwSignIn how;
} ways[] = {
  { "browser", LW_SIGN_IN_BROWSER }, { "device-code", LW_SIGN_IN_DEVICE_CODE },
  { "secret", LW_SIGN_IN_SECRET },   { "certificate", LW_SIGN_IN_CERTIFICATE },
  { "token", LW_SIGN_IN_TOKEN },
};

char *
lw_setup_form_entry_text (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

gboolean
lw_setup_form_is_empty (AdwEntryRow *row)
{
  g_autofree char *text = lw_setup_form_entry_text (row);

  return *text == '\0';
}

guint
lw_setup_form_get_cloud (LwSetupForm *self)
{
  return MIN (adw_combo_row_get_selected (self->cloud), LW_SETUP_CLOUD_CUSTOM);
}

static guint
get_way (LwSetupForm *self)
{
  return MIN (adw_combo_row_get_selected (self->way), G_N_ELEMENTS (ways) - 1);
}

LwSignIn
lw_setup_form_get_sign_in (LwSetupForm *self)
{
  return ways[get_way (self)].how;
}

void
lw_setup_form_add_ways (LwSetupForm *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    gtk_string_list_append (names, lw_sign_in_name (ways[i].how));
  adw_combo_row_set_model (self->way, G_LIST_MODEL (names));
}

static void
set_member (JsonObject *object, const char *member, AdwEntryRow *row, gboolean wanted)
{
  g_autofree char *text = lw_setup_form_entry_text (row);

  if (wanted && *text != '\0')
    json_object_set_string_member (object, member, text);
  else
    json_object_remove_member (object, member);
}

static void
set_endpoints (LwSetupForm *self, JsonObject *object)
{
  JsonObject *old = lw_json_get_object (object, "endpoints");
  JsonObject *endpoints = old != NULL ? lw_json_object_copy (old) : json_object_new ();
  g_autofree char *blob = lw_setup_form_entry_text (self->blob);
  g_autofree char *ledger = lw_setup_form_entry_text (self->ledger);
  const char *name = strrchr (ledger, '/');

  set_member (endpoints, "arm", self->arm, TRUE);
  set_member (endpoints, "login", self->login, TRUE);
  set_member (endpoints, "graph", self->graph, TRUE);
  /* Either one account, or what all accounts of the cloud end with. */
  set_member (endpoints, "blob", self->blob, strstr (blob, "://") != NULL);
  set_member (endpoints, "storageSuffix", self->blob, strstr (blob, "://") == NULL);
  /* The ledger says where its account is, whatever else there is in the cloud. */
  if (*blob == '\0' && g_str_has_prefix (ledger, "http") && name != NULL)
    {
      g_autofree char *account = g_strndup (ledger, name - ledger);

      json_object_set_string_member (endpoints, "blob", account);
    }
  json_object_set_object_member (object, "endpoints", endpoints);
}

/* What the fields say. (transfer full) */
static JsonObject *
to_object (LwSetupForm *self)
{
  JsonObject *object = self->base != NULL ? lw_json_object_copy (self->base) : json_object_new ();
  const char *way = ways[get_way (self)].name;

  json_object_set_string_member (object, "cloud", cloud_names[lw_setup_form_get_cloud (self)]);
  if (lw_setup_form_get_cloud (self) == LW_SETUP_CLOUD_CUSTOM)
    set_endpoints (self, object);
  else
    json_object_remove_member (object, "endpoints");
  set_member (object, "tenant", self->tenant, TRUE);
  set_member (object, "clientId", self->client_id, TRUE);
  set_member (object, "ledger", self->ledger, TRUE);
  set_member (object, "name", self->name, TRUE);
  set_member (object, "caFile", self->ca_file, TRUE);
  set_member (object, "certificateFile", self->certificate, g_str_equal (way, "certificate"));
  json_object_set_string_member (object, "signIn", way);
  return object;
}

LwProfile *
lw_setup_form_to_profile (LwSetupForm *self, GError **error)
{
  g_autoptr (JsonObject) object = to_object (self);
  g_autoptr (JsonNode) node = lw_json_object_to_node (object);
  char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  return lw_profile_from_json (bytes, error);
}

/* The cloud as far as the fields tell it. (transfer full) (nullable) */
LwCloud *
lw_setup_form_to_cloud (LwSetupForm *self)
{
  g_autofree char *arm = NULL, *login = NULL, *graph = NULL;

  if (lw_setup_form_get_cloud (self) != LW_SETUP_CLOUD_CUSTOM)
    return lw_cloud_new_named (cloud_names[lw_setup_form_get_cloud (self)], NULL);
  arm = lw_setup_form_entry_text (self->arm);
  login = lw_setup_form_entry_text (self->login);
  graph = lw_setup_form_entry_text (self->graph);
  if (!lw_url_is_trustworthy (arm) || !lw_url_is_trustworthy (login) ||
      !lw_url_is_trustworthy (graph))
    return NULL;
  return lw_cloud_new_custom (arm, login, graph, arm);
}

const char *
lw_setup_form_get_ca_file (LwSetupForm *self)
{
  const char *path = gtk_editable_get_text (GTK_EDITABLE (self->ca_file));

  return g_path_is_absolute (path) ? path : NULL;
}

void
lw_setup_form_set_profile (LwSetupForm *self, LwProfile *profile)
{
  g_autoptr (GBytes) bytes = lw_profile_to_json (profile);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, g_bytes_get_size (bytes), NULL);
  JsonObject *object = lw_json_node_object (node);
  JsonObject *endpoints = lw_json_get_object (object, "endpoints");
  const char *blob = lw_json_get_string (endpoints, "blob");
  const struct
  {
    AdwEntryRow *row;
    const char *text;
  } fields[] = {
    { self->tenant, lw_json_get_string (object, "tenant") },
    { self->client_id, lw_json_get_string (object, "clientId") },
    { self->ledger, lw_json_get_string (object, "ledger") },
    { self->name, lw_json_get_string (object, "name") },
    { self->ca_file, lw_json_get_string (object, "caFile") },
    { self->certificate, lw_json_get_string (object, "certificateFile") },
    { self->arm, lw_json_get_string (endpoints, "arm") },
    { self->login, lw_json_get_string (endpoints, "login") },
    { self->graph, lw_json_get_string (endpoints, "graph") },
    { self->blob, blob != NULL ? blob : lw_json_get_string (endpoints, "storageSuffix") },
  };

  g_return_if_fail (LW_IS_SETUP_FORM (self));
  g_clear_pointer (&self->base, json_object_unref);
  self->base = lw_json_object_copy (object);
  for (guint i = 0; i < G_N_ELEMENTS (cloud_names); i++)
    if (g_str_equal (lw_profile_get_cloud (profile)->name, cloud_names[i]))
      adw_combo_row_set_selected (self->cloud, i);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (lw_profile_get_sign_in (profile) == ways[i].how)
      adw_combo_row_set_selected (self->way, i);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    gtk_editable_set_text (GTK_EDITABLE (fields[i].row),
                           fields[i].text != NULL ? fields[i].text : "");
  lw_setup_form_choice_changed (self);
}

static void
lock (GtkWidget *row)
{
  GtkWidget *image = gtk_image_new_from_icon_name ("changes-prevent-symbolic");
  const char *text = _ ("Set by your organisation");

  gtk_widget_set_tooltip_text (image, text);
  if (ADW_IS_ENTRY_ROW (row))
    {
      gtk_editable_set_editable (GTK_EDITABLE (row), FALSE);
      adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), image);
    }
  else
    {
      gtk_widget_set_sensitive (row, FALSE);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), image);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

void
lw_setup_form_set_preset (LwSetupForm *self, const LwPreset *preset)
{
  const struct
  {
    GtkWidget *row;
    const char *member;
  } fields[] = {
    { GTK_WIDGET (self->tenant), "tenant" },
    { GTK_WIDGET (self->client_id), "clientId" },
    { GTK_WIDGET (self->ledger), "ledger" },
    { GTK_WIDGET (self->certificate), "certificateFile" },
    { GTK_WIDGET (self->ca_file), "caFile" },
    { GTK_WIDGET (self->arm), "endpoints.arm" },
    { GTK_WIDGET (self->login), "endpoints.login" },
    { GTK_WIDGET (self->graph), "endpoints.graph" },
    { GTK_WIDGET (self->blob), "endpoints.blob" },
  };
  const char *cloud, *way;

  g_return_if_fail (LW_IS_SETUP_FORM (self));
  cloud = lw_preset_get (preset, "cloud");
  way = lw_preset_get (preset, "signIn");
  for (guint i = 0; cloud != NULL && i < G_N_ELEMENTS (cloud_names); i++)
    if (g_str_equal (cloud, cloud_names[i]))
      adw_combo_row_set_selected (self->cloud, i);
  for (guint i = 0; way != NULL && i < G_N_ELEMENTS (ways); i++)
    if (g_str_equal (way, ways[i].name))
      adw_combo_row_set_selected (self->way, i);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      const char *text = lw_preset_get (preset, fields[i].member);

      if (text == NULL)
        continue;
      gtk_editable_set_text (GTK_EDITABLE (fields[i].row), text);
      if (preset->locked)
        lock (fields[i].row);
    }
  if (preset->locked && cloud != NULL)
    lock (GTK_WIDGET (self->cloud));
  if (preset->locked && way != NULL)
    lock (GTK_WIDGET (self->way));
  gtk_editable_set_text (GTK_EDITABLE (self->name), preset->name);
  g_clear_pointer (&self->base, json_object_unref);
  self->base = json_object_new ();
  json_object_set_string_member (self->base, "preset", preset->name);
  lw_setup_form_choice_changed (self);
}
