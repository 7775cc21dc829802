/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-setup-form.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-check-line.h"
#include "lw-json.h"
#include "lw-probe.h"
#include "lw-sign-in-words.h"
#include "lw-when.h"
#include "lw-widgets.h"

static const char *const cloud_names[] = { "AzureCloud", "AzureUSGovernment", "AzureChinaCloud",
                                           "custom" };
#define CLOUD_CUSTOM 3

static const struct
{
  const char *name;
  LwSignIn how;
} ways[] = {
  { "browser", LW_SIGN_IN_BROWSER }, { "device-code", LW_SIGN_IN_DEVICE_CODE },
  { "secret", LW_SIGN_IN_SECRET },   { "certificate", LW_SIGN_IN_CERTIFICATE },
  { "token", LW_SIGN_IN_TOKEN },
};

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

static guint connect_signal;

G_DEFINE_FINAL_TYPE (LwSetupForm, lw_setup_form, ADW_TYPE_BIN)

static char *
entry_text (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static gboolean
is_empty (AdwEntryRow *row)
{
  g_autofree char *text = entry_text (row);

  return *text == '\0';
}

static guint
get_cloud (LwSetupForm *self)
{
  return MIN (adw_combo_row_get_selected (self->cloud), CLOUD_CUSTOM);
}

static guint
get_way (LwSetupForm *self)
{
  return MIN (adw_combo_row_get_selected (self->way), G_N_ELEMENTS (ways) - 1);
}

static void
set_member (JsonObject *object, const char *member, AdwEntryRow *row, gboolean wanted)
{
  g_autofree char *text = entry_text (row);

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
  g_autofree char *blob = entry_text (self->blob);
  g_autofree char *ledger = entry_text (self->ledger);
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

  json_object_set_string_member (object, "cloud", cloud_names[get_cloud (self)]);
  if (get_cloud (self) == CLOUD_CUSTOM)
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

static LwProfile *
to_profile (LwSetupForm *self, GError **error)
{
  g_autoptr (JsonObject) object = to_object (self);
  g_autoptr (JsonNode) node = lw_json_object_to_node (object);
  char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  return lw_profile_from_json (bytes, error);
}

/* The cloud as far as the fields tell it. (transfer full) (nullable) */
static LwCloud *
to_cloud (LwSetupForm *self)
{
  g_autofree char *arm = NULL, *login = NULL, *graph = NULL;

  if (get_cloud (self) != CLOUD_CUSTOM)
    return lw_cloud_new_named (cloud_names[get_cloud (self)], NULL);
  arm = entry_text (self->arm);
  login = entry_text (self->login);
  graph = entry_text (self->graph);
  if (!lw_url_is_trustworthy (arm) || !lw_url_is_trustworthy (login) ||
      !lw_url_is_trustworthy (graph))
    return NULL;
  return lw_cloud_new_custom (arm, login, graph, arm);
}

static const char *
get_ca_file (LwSetupForm *self)
{
  const char *path = gtk_editable_get_text (GTK_EDITABLE (self->ca_file));

  return g_path_is_absolute (path) ? path : NULL;
}

static void
test_tenant (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = to_cloud (self);
  g_autofree char *tenant = entry_text (self->tenant);

  if (*tenant == '\0')
    lw_check_line_set (self->tenant_line, LW_CHECK_BAD,
                       _ ("Enter the tenant's id or one of its domains, such as contoso.com."));
  else if (strpbrk (tenant, "/ ?#%") != NULL)
    lw_check_line_set (self->tenant_line, LW_CHECK_BAD,
                       _ ("This is neither a tenant's id nor a domain."));
  else if (cloud != NULL)
    lw_check_line_run (self->tenant_line, _ ("Looking for the tenant…"),
                       lw_probe_tenant (cloud, tenant, get_ca_file (self)));
}

static void
test_client (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = to_cloud (self);
  g_autofree char *tenant = entry_text (self->tenant);
  g_autofree char *client = entry_text (self->client_id);
  LwSignIn how = ways[get_way (self)].how;

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
    lw_check_line_run (self->client_line, _ ("Looking for the application…"),
                       lw_probe_client (cloud, tenant, client, how, get_ca_file (self)));
}

static void
test_ledger (LwSetupForm *self)
{
  g_autofree char *ledger = entry_text (self->ledger);

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
  g_autofree char *ledger = entry_text (self->ledger);
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
  if (is_empty (self->login))
    gtk_editable_set_text (GTK_EDITABLE (self->login), cloud->login);
  if (is_empty (self->graph))
    gtk_editable_set_text (GTK_EDITABLE (self->graph), cloud->graph);
  if (is_empty (self->blob) && blob != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->blob), blob);
}

static void test_rest (LwSetupForm *self);
static void tested (LwSetupForm *self, LwCheckLine *line);

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
    test_rest (self);
  tested (self, NULL);
}

/* The cloud first: the others are asked in it. */
static void
test_cloud (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = to_cloud (self);
  g_autofree char *arm = entry_text (self->arm);

  self->discovery++;
  if (cloud != NULL)
    lw_check_line_run (self->cloud_line, _ ("Asking the cloud…"),
                       lw_probe_cloud (cloud, get_ca_file (self)));
  else if (!lw_url_is_trustworthy (arm))
    {
      lw_check_line_set (self->cloud_line, LW_CHECK_BAD,
                         _ ("Enter the https address of the cloud's Resource Manager."));
      if (self->all)
        test_rest (self);
    }
  else
    {
      lw_check_line_set (self->cloud_line, LW_CHECK_RUNNING, _ ("Reading the cloud's services…"));
      lw_when (lw_cloud_discover (arm, get_ca_file (self)), self, discovered,
               GUINT_TO_POINTER (self->discovery), NULL);
    }
}

static void
test_rest (LwSetupForm *self)
{
  test_tenant (self);
  test_client (self);
  test_ledger (self);
}

static void
set_busy (LwSetupForm *self, gboolean busy)
{
  self->connecting = busy;
  self->all = busy;
  gtk_widget_set_sensitive (self->connect_button, !busy);
}

static void
focus_problem (LwSetupForm *self)
{
  const struct
  {
    LwCheckLine *line;
    GtkWidget *row;
  } lines[] = {
    { self->cloud_line,
      get_cloud (self) == CLOUD_CUSTOM ? GTK_WIDGET (self->arm) : GTK_WIDGET (self->cloud) },
    { self->tenant_line, GTK_WIDGET (self->tenant) },
    { self->client_line, GTK_WIDGET (self->client_id) },
    { self->ledger_line, GTK_WIDGET (self->ledger) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (lw_check_line_get_state (lines[i].line) == LW_CHECK_BAD)
      {
        gtk_widget_grab_focus (lines[i].row);
        return;
      }
}

static void
let_go (LwSetupForm *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = to_profile (self, &error);

  if (profile == NULL)
    lw_error_dialog (GTK_WIDGET (self), _ ("The Connection Is Not Complete"), error);
  else
    g_signal_emit (self, connect_signal, 0, profile);
}

/* A test ended: once all have, the form lets go or says what is wrong. */
static void
tested (LwSetupForm *self, LwCheckLine *line)
{
  LwCheckLine *lines[] = { self->cloud_line, self->tenant_line, self->client_line,
                           self->ledger_line };
  gboolean bad = FALSE;

  if (line == self->tenant_line && (self->connecting || !is_empty (self->client_id)))
    test_client (self);
  if (!self->connecting)
    return;
  if (line == self->cloud_line)
    {
      test_rest (self);
      line = NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      if (lw_check_line_get_state (lines[i]) == LW_CHECK_RUNNING)
        return;
      bad = bad || lw_check_line_get_state (lines[i]) == LW_CHECK_BAD;
    }
  set_busy (self, FALSE);
  gtk_widget_set_visible (self->anyway_button, bad);
  if (bad)
    focus_problem (self);
  else
    let_go (self);
}

static void
connect_clicked (LwSetupForm *self)
{
  if (self->connecting)
    return;
  set_busy (self, TRUE);
  test_cloud (self);
  /* Where nothing had to be waited for. */
  tested (self, NULL);
}

static void
anyway_clicked (LwSetupForm *self)
{
  set_busy (self, FALSE);
  let_go (self);
}

static void
test_clicked (LwSetupForm *self)
{
  g_autoptr (LwCloud) cloud = to_cloud (self);

  set_busy (self, FALSE);
  self->all = TRUE;
  test_cloud (self);
  /* What has to be asked for first is followed by the rest. */
  if (cloud != NULL)
    test_rest (self);
}

static void
folder_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwSetupForm) self = user_data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (folder == NULL || g_file_peek_path (folder) == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->ledger), g_file_peek_path (folder));
  test_ledger (self);
}

static GtkWindow *
get_window (LwSetupForm *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
folder_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Folder of the Ledger"));
  gtk_file_dialog_select_folder (dialog, get_window (self), NULL, folder_chosen,
                                 g_object_ref (self));
}

static void
file_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkEditable) row = user_data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (object), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL)
    gtk_editable_set_text (row, g_file_peek_path (file));
}

static void
certificate_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Certificate and Private Key"));
  gtk_file_dialog_open (dialog, get_window (self), NULL, file_chosen,
                        g_object_ref (self->certificate));
}

static void
ca_file_clicked (LwSetupForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Certificates to Trust"));
  gtk_file_dialog_open (dialog, get_window (self), NULL, file_chosen, g_object_ref (self->ca_file));
}

/* Fields that a choice needs come with it. */
static void
choice_changed (LwSetupForm *self)
{
  gboolean custom = get_cloud (self) == CLOUD_CUSTOM;
  AdwEntryRow *endpoints[] = { self->arm, self->login, self->graph, self->blob, self->ca_file };

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    gtk_widget_set_visible (GTK_WIDGET (endpoints[i]), custom);
  gtk_widget_set_visible (GTK_WIDGET (self->certificate),
                          ways[get_way (self)].how == LW_SIGN_IN_CERTIFICATE);
  set_busy (self, FALSE);
  lw_check_line_reset (self->cloud_line);
  lw_check_line_reset (self->tenant_line);
  lw_check_line_reset (self->client_line);
}

static void
left (GtkEventControllerFocus *controller, gpointer user_data)
{
  LwSetupForm *self = user_data;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));

  if (is_empty (ADW_ENTRY_ROW (row)) || self->connecting ||
      g_object_get_data (G_OBJECT (row), "changed") == NULL)
    return;
  g_object_set_data (G_OBJECT (row), "changed", NULL);
  if (row == GTK_WIDGET (self->arm))
    test_cloud (self);
  else if (row == GTK_WIDGET (self->tenant))
    test_tenant (self);
  else if (row == GTK_WIDGET (self->client_id))
    test_client (self);
  else
    test_ledger (self);
}

/* What was found of the old text is not true of the new one, and nobody connects to half of each. */
static void
edited (LwSetupForm *self, GtkWidget *row)
{
  const struct
  {
    AdwEntryRow *row;
    LwCheckLine *line;
  } lines[] = {
    { self->arm, self->cloud_line },
    { self->tenant, self->tenant_line },
    { self->client_id, self->client_line },
    { self->ledger, self->ledger_line },
  };

  g_object_set_data (G_OBJECT (row), "changed", GINT_TO_POINTER (TRUE));
  gtk_widget_set_visible (self->anyway_button, FALSE);
  set_busy (self, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (row == GTK_WIDGET (lines[i].row))
      lw_check_line_reset (lines[i].line);
  /* The application is looked for in the tenant, or waits for it. */
  if (row == GTK_WIDGET (self->tenant))
    lw_check_line_reset (self->client_line);
}

static LwCheckLine *
add_line (LwSetupForm *self, AdwPreferencesGroup *group, GtkWidget *row)
{
  GtkWidget *line = lw_check_line_new (row);

  adw_preferences_group_add (group, line);
  g_signal_connect_object (line, "done", G_CALLBACK (tested), self, G_CONNECT_SWAPPED);
  return LW_CHECK_LINE (line);
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
  choice_changed (self);
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
  choice_changed (self);
}

static void
lw_setup_form_dispose (GObject *object)
{
  LwSetupForm *self = LW_SETUP_FORM (object);

  g_clear_pointer (&self->base, json_object_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_SETUP_FORM);
  G_OBJECT_CLASS (lw_setup_form_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, LwSetupForm, name)

static void
lw_setup_form_class_init (LwSetupFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_setup_form_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-setup-form.ui");
  BIND (cloud_group);
  BIND (tenant_group);
  BIND (sign_in_group);
  BIND (ledger_group);
  BIND (cloud);
  BIND (arm);
  BIND (login);
  BIND (graph);
  BIND (blob);
  BIND (tenant);
  BIND (client_id);
  BIND (way);
  BIND (certificate);
  BIND (ledger);
  BIND (name);
  BIND (ca_file);
  BIND (connect_button);
  BIND (anyway_button);
  gtk_widget_class_bind_template_callback (widget_class, connect_clicked);
  gtk_widget_class_bind_template_callback (widget_class, anyway_clicked);
  gtk_widget_class_bind_template_callback (widget_class, test_clicked);
  gtk_widget_class_bind_template_callback (widget_class, folder_clicked);
  gtk_widget_class_bind_template_callback (widget_class, certificate_clicked);
  gtk_widget_class_bind_template_callback (widget_class, ca_file_clicked);
  gtk_widget_class_bind_template_callback (widget_class, choice_changed);
  connect_signal = g_signal_new ("connect", LW_TYPE_SETUP_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
lw_setup_form_init (LwSetupForm *self)
{
  AdwEntryRow *watched[4];
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cloud_line = add_line (self, self->cloud_group, GTK_WIDGET (self->arm));
  self->tenant_line = add_line (self, self->tenant_group, GTK_WIDGET (self->tenant));
  self->client_line = add_line (self, self->tenant_group, GTK_WIDGET (self->client_id));
  self->ledger_line = add_line (self, self->ledger_group, GTK_WIDGET (self->ledger));
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    gtk_string_list_append (names, lw_sign_in_name (ways[i].how));
  adw_combo_row_set_model (self->way, G_LIST_MODEL (names));
  watched[0] = self->arm;
  watched[1] = self->tenant;
  watched[2] = self->client_id;
  watched[3] = self->ledger;
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      GtkEventController *focus = gtk_event_controller_focus_new ();

      g_signal_connect (focus, "leave", G_CALLBACK (left), self);
      gtk_widget_add_controller (GTK_WIDGET (watched[i]), focus);
      g_signal_connect_object (watched[i], "changed", G_CALLBACK (edited), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (watched[i], "entry-activated", G_CALLBACK (connect_clicked), self,
                               G_CONNECT_SWAPPED);
    }
  choice_changed (self);
}

GtkWidget *
lw_setup_form_new (void)
{
  return g_object_new (LW_TYPE_SETUP_FORM, NULL);
}
