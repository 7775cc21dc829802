/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-setup-page.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-setup-form.h"
#include "lw-widgets.h"

struct _LwSetupPage
{
  AdwBin parent_instance;

  gboolean can_cancel;
  gboolean only_form;

  AdwHeaderBar *header;
  GtkWidget *back;
  AdwBanner *banner;
  GtkStack *stack;
  AdwStatusPage *welcome;
  GtkListBox *presets;
  GtkWidget *set_up;
  GtkWidget *demo;
  AdwBin *form_bin;
};

static guint connect_signal;
static guint cancelled_signal;

G_DEFINE_FINAL_TYPE (LwSetupPage, lw_setup_page, ADW_TYPE_BIN)

static void
opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) widget = user_data;
  g_autoptr (GError) error = NULL;

  if (!gtk_file_launcher_launch_finish (GTK_FILE_LAUNCHER (object), result, &error) &&
      !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    lw_error_dialog (widget, _ ("The Page Could Not Be Opened"), error);
}

void
lw_show_help (GtkWidget *widget)
{
  g_autofree char *path = g_build_filename (LW_PKGDATADIR, "docs", "connect.html", NULL);
  const char *named = g_getenv ("LEEWAY_DOCS");
  g_autofree char *other = named != NULL ? g_build_filename (named, "connect.html", NULL) : NULL;
  g_autoptr (GFile) file = g_file_new_for_path (other != NULL ? other : path);
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);
  GtkRoot *root = gtk_widget_get_root (widget);

  gtk_file_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, opened,
                            g_object_ref (widget));
}

static void
help_clicked (LwSetupPage *self)
{
  lw_show_help (GTK_WIDGET (self));
}

static void
update_header (LwSetupPage *self)
{
  gboolean form = g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "form") == 0;

  gtk_widget_set_visible (self->back, form || self->can_cancel);
  adw_header_bar_set_show_title (self->header, form);
}

static void
form_connect (LwSetupPage *self, LwProfile *profile)
{
  g_signal_emit (self, connect_signal, 0, profile);
}

static LwSetupForm *
show_form (LwSetupPage *self)
{
  GtkWidget *form = lw_setup_form_new ();

  g_signal_connect_object (form, "connect", G_CALLBACK (form_connect), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (self->form_bin, form);
  gtk_stack_set_visible_child_name (self->stack, "form");
  update_header (self);
  gtk_widget_child_focus (form, GTK_DIR_TAB_FORWARD);
  return LW_SETUP_FORM (form);
}

static void
set_up_clicked (LwSetupPage *self)
{
  show_form (self);
}

static void
back_clicked (LwSetupPage *self)
{
  if (self->only_form || g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "form") != 0)
    {
      g_signal_emit (self, cancelled_signal, 0);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "welcome");
  update_header (self);
}

/* One click where everything is given; else the form with what is. */
static void
preset_activated (LwSetupPage *self, GtkListBoxRow *row)
{
  const LwPreset *preset = g_object_get_data (G_OBJECT (row), "preset");
  g_autoptr (LwProfile) profile = lw_preset_to_profile (preset, NULL);

  if (profile != NULL)
    g_signal_emit (self, connect_signal, 0, profile);
  else
    lw_setup_form_set_preset (show_form (self), preset);
}

static void
add_preset (LwSetupPage *self, const LwPreset *preset)
{
  GtkWidget *row = adw_action_row_new ();
  const char *tenant = lw_preset_get (preset, "tenant");
  g_autoptr (LwProfile) profile = lw_preset_to_profile (preset, NULL);
  /* Translators: the name of an organisation's connection */
  g_autofree char *title = g_strdup_printf (_ ("Connect to %s"), preset->name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), profile == NULL
                                                         ? _ ("Set up by your organisation in part")
                                                     : tenant != NULL ? tenant
                                                                      : "");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "preset", (gpointer) preset);
  gtk_list_box_append (self->presets, row);
}

static void
show_problems (LwSetupPage *self, LwConnections *connections, const LwPresets *presets)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *const *own = connections != NULL ? lw_connections_get_problems (connections) : NULL;

  for (guint i = 0; presets != NULL && i < presets->problems->len; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                            (char *) g_ptr_array_index (presets->problems, i));
  for (guint i = 0; own != NULL && own[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", own[i]);
  adw_banner_set_title (self->banner, text->str);
  adw_banner_set_revealed (self->banner, text->len > 0);
}

static void
lw_setup_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LW_TYPE_SETUP_PAGE);
  G_OBJECT_CLASS (lw_setup_page_parent_class)->dispose (object);
}

static void
lw_setup_page_class_init (LwSetupPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_setup_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, header);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, back);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, banner);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, welcome);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, presets);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, set_up);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, demo);
  gtk_widget_class_bind_template_child (widget_class, LwSetupPage, form_bin);
  gtk_widget_class_bind_template_callback (widget_class, help_clicked);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked);
  gtk_widget_class_bind_template_callback (widget_class, set_up_clicked);
  gtk_widget_class_bind_template_callback (widget_class, preset_activated);
  connect_signal = g_signal_new ("connect", LW_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  cancelled_signal = g_signal_new ("cancelled", LW_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_setup_page_init (LwSetupPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_setup_page_new (LwConnections *connections, const LwPresets *presets, gboolean can_cancel)
{
  LwSetupPage *self = g_object_new (LW_TYPE_SETUP_PAGE, NULL);
  guint n = presets != NULL ? presets->items->len : 0;

  self->can_cancel = can_cancel;
  for (guint i = 0; i < n; i++)
    add_preset (self, g_ptr_array_index (presets->items, i));
  gtk_widget_set_visible (GTK_WIDGET (self->presets), n > 0);
  if (n > 0)
    {
      gtk_widget_remove_css_class (self->set_up, "suggested-action");
      adw_status_page_set_description (
          self->welcome, _ ("Your organisation has set this up: you only need to sign in."));
    }
  gtk_widget_set_visible (self->set_up, presets == NULL || presets->may_add);
  gtk_widget_set_visible (self->demo, presets == NULL || presets->demo);
  show_problems (self, connections, presets);
  update_header (self);
  return GTK_WIDGET (self);
}

GtkWidget *
lw_setup_page_new_for (LwProfile *profile, const LwPresets *presets)
{
  LwSetupPage *self = g_object_new (LW_TYPE_SETUP_PAGE, NULL);
  g_autoptr (GBytes) bytes = lw_profile_to_json (profile);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, g_bytes_get_size (bytes), NULL);
  const char *name = lw_json_get_string (lw_json_node_object (node), "preset");
  const LwPreset *preset = NULL;
  LwSetupForm *form;

  for (guint i = 0; presets != NULL && name != NULL && i < presets->items->len; i++)
    if (g_str_equal (((LwPreset *) g_ptr_array_index (presets->items, i))->name, name))
      preset = g_ptr_array_index (presets->items, i);
  self->can_cancel = TRUE;
  self->only_form = TRUE;
  form = show_form (self);
  if (preset != NULL && preset->locked)
    lw_setup_form_set_preset (form, preset);
  lw_setup_form_set_profile (form, profile);
  show_problems (self, NULL, presets);
  update_header (self);
  return GTK_WIDGET (self);
}
