/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-request-row.h"
#include "lw-scope-browser.h"
#include "lw-scope-ladder.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

/* More failing resources than that are found in the tree. */
#define MAX_FAILING 12

struct _LwStepScope
{
  LwFormStep parent_instance;

  AdwNavigationSplitView *split;
  GtkListBox *chosen;
  GtkWidget *tree_row;
  GtkWidget *ladder;
  GtkWidget *failing_group;
  GtkListBox *failing;
  GtkWidget *why_group;
  GtkWidget *why;
  GPtrArray *checks;
  char *chosen_key;
  char *failing_key;
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (LwStepScope, lw_step_scope, LW_TYPE_FORM_STEP)

static LwForm *
form_of (LwStepScope *self)
{
  return lw_form_step_get_form (LW_FORM_STEP (self));
}

static char *
lw_step_scope_summary (LwFormStep *step)
{
  LwForm *form = lw_form_step_get_form (step);
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (form);

  if (scopes->len == 0)
    return g_strdup ("");
  return lw_request_scope_summary (lw_form_get_workspace (form), lw_form_get_request (form));
}

static LwScopeKind
widest (LwForm *form)
{
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (form);
  LwScopeKind kind = LW_SCOPE_OTHER;

  for (guint i = 0; i < scopes->len; i++)
    kind = MAX (kind, lw_scope_kind (g_ptr_array_index (scopes, i)));
  return kind;
}

static void
remove_clicked (GtkButton *button, gpointer user_data)
{
  LwStepScope *self = user_data;
  g_autofree char *scope = g_strdup (g_object_get_data (G_OBJECT (button), "scope"));

  lw_form_set_scope (form_of (self), scope, FALSE);
}

/* What inherits the exemption of such a scope. */
static const char *
reach_of (const char *scope)
{
  switch (lw_scope_kind (scope))
    {
    case LW_SCOPE_RESOURCE:
      return _ ("Nothing new inherits it");
    case LW_SCOPE_RESOURCE_GROUP:
      return _ ("Anything created there inherits it");
    case LW_SCOPE_SUBSCRIPTION:
      return _ ("Every new resource inherits it");
    case LW_SCOPE_MANAGEMENT_GROUP:
      return _ ("Every new subscription inherits it");
    case LW_SCOPE_OTHER:
    default:
      return "";
    }
}

static const LwFinding *
finding_of_grant (LwForm *form, const char *scope)
{
  GPtrArray *grants = lw_form_get_request (form)->grants;

  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);
      g_autofree char *field = g_strdup_printf ("grants[%u].scope", i);

      if (grant->scope != NULL && lw_arm_id_equal (grant->scope, scope))
        return lw_form_find (form, field);
    }
  return NULL;
}

static GtkWidget *
chosen_row (LwStepScope *self, const char *scope)
{
  LwWorkspace *workspace = lw_form_get_workspace (form_of (self));
  const LwFinding *finding = finding_of_grant (form_of (self), scope);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (lw_scope_icon (scope));
  GtkWidget *remove = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *title = lw_workspace_scope_title (workspace, scope);
  g_autofree char *path = lw_workspace_scope_path (workspace, scope);
  g_autofree char *subtitle = NULL;
  g_autofree char *label = g_strdup_printf (_ ("Remove %s"), title);

  if (finding != NULL)
    subtitle = g_strdup (finding->message);
  else if (*path != '\0')
    subtitle = g_strdup_printf ("%s. %s", path, reach_of (scope));
  else
    subtitle = g_strdup (reach_of (scope));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_tooltip_text (row, scope);
  if (finding != NULL && finding->severity == LW_SEVERITY_BLOCKER)
    {
      gtk_image_set_from_icon_name (GTK_IMAGE (icon), "dialog-warning-symbolic");
      gtk_widget_add_css_class (icon, "error");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (_ ("Not Possible"), "error"));
    }
  else if (lw_scope_kind (scope) >= LW_SCOPE_SUBSCRIPTION)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (_ ("Wide"), "warning"));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (remove, _ ("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (remove), "scope", g_strdup (scope), g_free);
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_clicked), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  return row;
}

/* Rebuilt only when what it shows differs, so that the focus stays where it is. */
static void
fill_chosen (LwStepScope *self)
{
  LwForm *form = form_of (self);
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (form);
  g_autoptr (GString) key = g_string_new (NULL);
  GtkWidget *child;

  for (guint i = 0; i < scopes->len; i++)
    {
      const LwFinding *finding = finding_of_grant (form, g_ptr_array_index (scopes, i));

      g_string_append_printf (key, "%s|%s\n", (char *) g_ptr_array_index (scopes, i),
                              finding != NULL ? finding->message : "");
    }
  if (g_strcmp0 (key->str, self->chosen_key) == 0)
    return;
  g_set_str (&self->chosen_key, key->str);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->chosen))) != NULL &&
         child != self->tree_row)
    gtk_list_box_remove (self->chosen, child);
  if (scopes->len == 0)
    {
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Nothing chosen yet"));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                   _ ("Tick it in the tree, or find it by its name"));
      gtk_widget_add_css_class (row, "dim-label");
      gtk_list_box_insert (self->chosen, row, 0);
    }
  for (guint i = 0; i < scopes->len; i++)
    gtk_list_box_insert (self->chosen, chosen_row (self, g_ptr_array_index (scopes, i)), i);
}

static void
failing_toggled (GtkCheckButton *check, gpointer user_data)
{
  LwStepScope *self = user_data;

  if (!self->loading)
    lw_form_set_scope (form_of (self), g_object_get_data (G_OBJECT (check), "scope"),
                       gtk_check_button_get_active (check));
}

static GtkWidget *
failing_row (LwStepScope *self, const char *id)
{
  LwWorkspace *workspace = lw_form_get_workspace (form_of (self));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  g_autofree char *title = lw_scope_title (id);
  g_autofree char *path = lw_workspace_scope_path (workspace, id);

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (check), "scope", g_strdup (id), g_free);
  g_signal_connect (check, "toggled", G_CALLBACK (failing_toggled), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, path, -1);
  g_ptr_array_add (self->checks, check);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), path);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (_ ("Fails"), "error"));
  return row;
}

static gboolean
reference_counts (LwForm *form, LwPolicyState *state)
{
  LwAssignment *assignment = lw_form_get_assignment (form);

  return assignment == NULL || !assignment->initiative || lw_form_follows_failing (form) ||
         lw_form_get_request (form)->grants->len == 0 ||
         ((LwGrant *) g_ptr_array_index (lw_form_get_request (form)->grants, 0))->references->len ==
             0 ||
         lw_form_has_reference (form, state->reference_id != NULL ? state->reference_id : "");
}

/* The resources that fail, each once. (transfer container) */
static GPtrArray *
failing_resources (LwForm *form)
{
  GPtrArray *failing = lw_form_get_failing (form);
  GPtrArray *resources = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);

  for (guint i = 0; failing != NULL && i < failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (failing, i);

      if (reference_counts (form, state) && g_hash_table_add (seen, state->resource_id))
        g_ptr_array_add (resources, state->resource_id);
    }
  return resources;
}

static GtkWidget *
more_row (guint more)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *text = g_strdup_printf (
      ngettext ("And %u more: find it in the tree", "And %u more: find them in the tree", more),
      more);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  gtk_widget_add_css_class (row, "dim-label");
  return row;
}

/* Rebuilt only when it differs: a tick in it must not take the focus away. */
static void
fill_failing (LwStepScope *self)
{
  g_autoptr (GPtrArray) resources = failing_resources (form_of (self));
  g_autoptr (GString) key = g_string_new (NULL);

  for (guint i = 0; i < resources->len; i++)
    g_string_append_printf (key, "%s\n", (char *) g_ptr_array_index (resources, i));
  gtk_widget_set_visible (self->failing_group, resources->len > 0);
  if (g_strcmp0 (key->str, self->failing_key) == 0)
    return;
  g_set_str (&self->failing_key, key->str);
  gtk_list_box_remove_all (self->failing);
  g_ptr_array_set_size (self->checks, 0);
  for (guint i = 0; i < MIN (resources->len, MAX_FAILING); i++)
    gtk_list_box_append (self->failing, failing_row (self, g_ptr_array_index (resources, i)));
  if (resources->len > MAX_FAILING)
    gtk_list_box_append (self->failing, more_row (resources->len - MAX_FAILING));
}

static void
show_checks (LwStepScope *self)
{
  self->loading = TRUE;
  for (guint i = 0; i < self->checks->len; i++)
    {
      GtkCheckButton *check = g_ptr_array_index (self->checks, i);

      gtk_check_button_set_active (
          check, lw_form_has_scope (form_of (self), g_object_get_data (G_OBJECT (check), "scope")));
    }
  self->loading = FALSE;
}

static void
update (LwStepScope *self)
{
  LwForm *form = form_of (self);
  LwScopeKind kind = widest (form);

  fill_chosen (self);
  show_checks (self);
  lw_scope_ladder_update (LW_SCOPE_LADDER (self->ladder));
  gtk_widget_set_visible (self->why_group, kind > LW_SCOPE_RESOURCE);
  lw_text_row_set_text (LW_TEXT_ROW (self->why), lw_form_get_why (form));
}

static void
why_changed (LwTextRow *row, gpointer user_data)
{
  LwStepScope *self = user_data;
  g_autofree char *text = lw_text_row_get_text (row);

  lw_form_set_why (form_of (self), text);
  lw_form_changed (form_of (self));
}

static void
lw_step_scope_policy_changed (LwFormStep *step)
{
  LwStepScope *self = LW_STEP_SCOPE (step);
  LwAssignment *assignment = lw_form_get_assignment (lw_form_step_get_form (step));

  fill_failing (self);
  update (self);
  if (assignment != NULL)
    {
      g_autofree char *scope = lw_workspace_scope_title (
          lw_form_get_workspace (lw_form_step_get_form (step)), assignment->scope);
      g_autofree char *text =
          g_strdup_printf (_ ("The policy is assigned to: %s. Choose the least in it that really "
                              "unblocks you; each becomes an exemption of its own."),
                           scope);

      lw_form_step_set_explanation (step, text);
    }
}

static void
show_tree (LwStepScope *self)
{
  adw_navigation_split_view_set_show_content (self->split, FALSE);
}

static void
show_chosen (LwStepScope *self)
{
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

static void
collapsed_changed (LwStepScope *self)
{
  gtk_widget_set_visible (self->tree_row, adw_navigation_split_view_get_collapsed (self->split));
}

static void
build_column (LwStepScope *self)
{
  LwFormStep *step = LW_FORM_STEP (self);
  GtkListBox *list;
  GtkWidget *group;

  lw_form_step_set_question (step, _ ("How small can it be?"),
                             _ ("Choose the least that really unblocks you. Each choice becomes an "
                                "exemption of its own."));
  group = lw_form_group_new (_ ("Exempts"), NULL, &self->chosen);
  self->tree_row = adw_button_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->tree_row), _ ("Choose in the Tree"));
  adw_button_row_set_start_icon_name (ADW_BUTTON_ROW (self->tree_row),
                                      "lw-management-group-symbolic");
  adw_button_row_set_end_icon_name (ADW_BUTTON_ROW (self->tree_row), "go-next-symbolic");
  g_signal_connect_swapped (self->tree_row, "activated", G_CALLBACK (show_tree), self);
  gtk_list_box_append (self->chosen, self->tree_row);
  lw_form_step_append (step, group);

  self->why_group = lw_form_group_new (NULL, NULL, &list);
  lw_form_list_set_label (list, _ ("Why this wide"));
  self->why = lw_text_row_new (_ ("Why not only the resources that need it?"),
                               lw_field_max_chars ("grants.why"), FALSE);
  g_signal_connect (self->why, "changed", G_CALLBACK (why_changed), self);
  lw_form_step_bind (step, self->why, "grants[*].why");
  gtk_list_box_append (list, self->why);
  lw_form_step_append (step, self->why_group);

  self->failing_group = lw_form_group_new (
      _ ("Fails Now"), _ ("Where Azure says that you do not comply."), &self->failing);
  lw_form_step_append (step, self->failing_group);

  /* Below what is ticked, which must not move away under the pointer. */
  self->ladder = lw_scope_ladder_new (form_of (self));
  lw_form_step_append (step, self->ladder);
}

static GtkWidget *
tree_page (LwStepScope *self)
{
  GtkWidget *view = adw_toolbar_view_new ();
  GtkWidget *browser = lw_scope_browser_new (form_of (self));
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *done = gtk_button_new_with_mnemonic (_ ("_Done"));

  gtk_widget_set_hexpand (done, TRUE);
  gtk_widget_set_margin_start (bar, 12);
  gtk_widget_set_margin_end (bar, 12);
  gtk_widget_set_margin_top (bar, 6);
  gtk_widget_set_margin_bottom (bar, 6);
  g_signal_connect_swapped (done, "clicked", G_CALLBACK (show_chosen), self);
  gtk_box_append (GTK_BOX (bar), done);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), browser);
  adw_toolbar_view_add_bottom_bar (ADW_TOOLBAR_VIEW (view), bar);
  g_object_bind_property (self->split, "collapsed", view, "reveal-bottom-bars",
                          G_BINDING_SYNC_CREATE);
  return view;
}

static void
lw_step_scope_load (LwFormStep *step)
{
  LwStepScope *self = LW_STEP_SCOPE (step);
  GtkWidget *bin = adw_breakpoint_bin_new ();
  AdwBreakpoint *narrow = adw_breakpoint_new (adw_breakpoint_condition_parse ("max-width: 700sp"));
  GtkWidget *column;

  build_column (self);
  self->split = ADW_NAVIGATION_SPLIT_VIEW (adw_navigation_split_view_new ());
  adw_navigation_split_view_set_min_sidebar_width (self->split, 260);
  adw_navigation_split_view_set_max_sidebar_width (self->split, 320);
  adw_navigation_split_view_set_sidebar_width_fraction (self->split, 0.34);
  adw_navigation_split_view_set_sidebar (
      self->split, adw_navigation_page_new (tree_page (self), _ ("Scopes of the tenant")));
  column = lw_form_step_take_column (step);
  adw_navigation_split_view_set_content (self->split,
                                         adw_navigation_page_new (column, _ ("Chosen scopes")));
  adw_navigation_split_view_set_show_content (self->split, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->split), "lw-scope-split");
  adw_breakpoint_add_setters (narrow, G_OBJECT (self->split), "collapsed", TRUE, NULL);
  gtk_widget_set_size_request (bin, 300, 200);
  adw_breakpoint_bin_add_breakpoint (ADW_BREAKPOINT_BIN (bin), narrow);
  adw_breakpoint_bin_set_child (ADW_BREAKPOINT_BIN (bin), GTK_WIDGET (self->split));
  adw_bin_set_child (ADW_BIN (self), bin);
  g_signal_connect_swapped (self->split, "notify::collapsed", G_CALLBACK (collapsed_changed), self);
  collapsed_changed (self);
  g_signal_connect_object (lw_form_step_get_form (step), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}

static void
lw_step_scope_assessed (LwFormStep *step)
{
  update (LW_STEP_SCOPE (step));
}

static void
lw_step_scope_finalize (GObject *object)
{
  LwStepScope *self = LW_STEP_SCOPE (object);

  g_clear_pointer (&self->checks, g_ptr_array_unref);
  g_free (self->chosen_key);
  g_free (self->failing_key);
  G_OBJECT_CLASS (lw_step_scope_parent_class)->finalize (object);
}

static void
lw_step_scope_class_init (LwStepScopeClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_step_scope_finalize;
  step_class->step = LW_FORM_SCOPE;
  step_class->summary = lw_step_scope_summary;
  step_class->load = lw_step_scope_load;
  step_class->assessed = lw_step_scope_assessed;
  step_class->policy_changed = lw_step_scope_policy_changed;
  step_class->shown = lw_step_scope_policy_changed;
}

static void
lw_step_scope_init (LwStepScope *self)
{
  self->checks = g_ptr_array_new ();
}
