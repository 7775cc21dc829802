/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-scope-browser.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-scope-tree.h"
#include "lw-widgets.h"

#define SEARCH_DELAY_MS    250
#define SEARCH_LEAST_CHARS 2

struct _LwScopeBrowser
{
  AdwBin parent_instance;

  LwForm *form;
  LwScopeTree *tree;
  guint turn;
  GPtrArray *bound; /* (element-type GtkListItem) unowned: rows on screen */

  GtkSearchEntry *entry;
  GtkStack *stack;
  GtkListView *tree_view;
  GtkListView *found_view;
  GtkNoSelection *found;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (LwScopeBrowser, lw_scope_browser, ADW_TYPE_BIN)

/* The parts of a row. */
typedef struct
{
  GtkWidget *expander;
  GtkWidget *check;
  GtkWidget *spinner;
  GtkWidget *icon;
  GtkWidget *name;
  GtkWidget *detail;
  GtkWidget *fails;
  GtkWidget *retry;
  gboolean binding;
} Row;

static Row *
row_of (gpointer item)
{
  return g_object_get_data (item, "row");
}

static LwScopeNode *
node_of (gpointer object)
{
  return LW_SCOPE_NODE (GTK_IS_TREE_LIST_ROW (object) ? gtk_tree_list_row_get_item (object)
                                                      : g_object_ref (object));
}

static LwScopeNode *
node_of_item (GtkListItem *item)
{
  gpointer object = gtk_list_item_get_item (item);

  return object != NULL ? node_of (object) : NULL;
}

static gboolean
resource_fails (LwForm *form, const char *id)
{
  GPtrArray *failing = lw_form_get_failing (form);

  for (guint i = 0; failing != NULL && i < failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (failing, i);

      if (lw_arm_id_equal (state->resource_id, id))
        return TRUE;
    }
  return FALSE;
}

static void
show_choice (LwScopeBrowser *self, GtkListItem *item)
{
  Row *row = row_of (item);
  g_autoptr (LwScopeNode) node = node_of_item (item);
  const char *id;

  if (row == NULL || node == NULL || lw_scope_node_get_kind (node) != LW_NODE_SCOPE)
    return;
  id = lw_scope_node_get_id (node);
  row->binding = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (row->check), lw_form_has_scope (self->form, id));
  row->binding = FALSE;
  gtk_widget_set_visible (row->fails, resource_fails (self->form, id));
}

static void
show_choices (LwScopeBrowser *self)
{
  for (guint i = 0; i < self->bound->len; i++)
    show_choice (self, g_ptr_array_index (self->bound, i));
}

static void
check_toggled (GtkCheckButton *check, gpointer user_data)
{
  GtkListItem *item = user_data;
  LwScopeBrowser *self = g_object_get_data (G_OBJECT (item), "browser");
  g_autoptr (LwScopeNode) node = node_of_item (item);

  if (row_of (item)->binding || node == NULL)
    return;
  lw_form_set_scope (self->form, lw_scope_node_get_id (node), gtk_check_button_get_active (check));
}

static void
retry_clicked (GtkButton *button, gpointer user_data)
{
  GtkListItem *item = user_data;
  LwScopeBrowser *self = g_object_get_data (G_OBJECT (item), "browser");
  g_autoptr (LwScopeNode) node = node_of_item (item);

  if (node != NULL)
    lw_scope_tree_load (self->tree, node);
}

static void
setup (LwScopeBrowser *self, GtkListItem *item)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  row->check = gtk_check_button_new ();
  row->spinner = adw_spinner_new ();
  row->icon = gtk_image_new ();
  row->name = gtk_label_new (NULL);
  row->detail = gtk_label_new (NULL);
  row->fails = gtk_label_new (_ ("Fails"));
  row->retry = gtk_button_new_with_label (_ ("Try Again"));
  gtk_label_set_xalign (GTK_LABEL (row->name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (row->name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (row->detail), 0);
  gtk_label_set_ellipsize (GTK_LABEL (row->detail), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (row->detail, "caption");
  gtk_widget_add_css_class (row->detail, "dim-label");
  gtk_widget_add_css_class (row->icon, "dim-label");
  gtk_widget_add_css_class (row->fails, "caption");
  gtk_widget_add_css_class (row->fails, "error");
  gtk_widget_add_css_class (row->retry, "flat");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row->icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (texts), row->name);
  gtk_box_append (GTK_BOX (texts), row->detail);
  gtk_box_append (GTK_BOX (box), row->spinner);
  gtk_box_append (GTK_BOX (box), row->check);
  gtk_box_append (GTK_BOX (box), row->icon);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), row->fails);
  gtk_box_append (GTK_BOX (box), row->retry);
  row->expander = gtk_tree_expander_new ();
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (row->expander), box);
  gtk_list_item_set_child (item, row->expander);
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
  g_object_set_data (G_OBJECT (item), "browser", self);
  g_signal_connect (row->check, "toggled", G_CALLBACK (check_toggled), item);
  g_signal_connect (row->retry, "clicked", G_CALLBACK (retry_clicked), item);
}

static void
bind (LwScopeBrowser *self, GtkListItem *item)
{
  Row *row = row_of (item);
  gpointer object = gtk_list_item_get_item (item);
  g_autoptr (LwScopeNode) node = node_of (object);
  LwNodeKind kind = lw_scope_node_get_kind (node);
  const char *name = lw_scope_node_get_name (node);
  gboolean in_tree = GTK_IS_TREE_LIST_ROW (object);
  g_autofree char *detail = NULL;
  g_autofree char *label = NULL;

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (row->expander), in_tree ? object : NULL);
  gtk_label_set_text (GTK_LABEL (row->name), name);
  gtk_widget_set_visible (row->spinner, kind == LW_NODE_LOADING);
  gtk_widget_set_visible (row->check, kind == LW_NODE_SCOPE);
  gtk_widget_set_visible (row->icon, kind == LW_NODE_SCOPE || kind == LW_NODE_ERROR);
  gtk_widget_set_visible (row->retry, kind == LW_NODE_ERROR);
  gtk_widget_set_visible (row->fails, FALSE);
  gtk_image_set_from_icon_name (
      GTK_IMAGE (row->icon), kind == LW_NODE_ERROR ? "dialog-warning-symbolic"
                                                   : lw_scope_icon (lw_scope_node_get_id (node)));
  if (kind == LW_NODE_SCOPE)
    gtk_widget_remove_css_class (row->name, "dim-label");
  else
    gtk_widget_add_css_class (row->name, "dim-label");
  if (kind == LW_NODE_SCOPE && !in_tree)
    {
      g_autofree char *path =
          lw_workspace_scope_path (lw_form_get_workspace (self->form), lw_scope_node_get_id (node));

      detail = g_steal_pointer (&path);
    }
  gtk_label_set_text (GTK_LABEL (row->detail), detail != NULL ? detail : "");
  gtk_widget_set_visible (row->detail, detail != NULL && *detail != '\0');
  gtk_widget_set_tooltip_text (row->expander,
                               kind == LW_NODE_SCOPE ? lw_scope_node_get_type_name (node) : name);
  if (kind == LW_NODE_SCOPE)
    {
      /* Translators: a kind of scope and its name, as in "Resource group rg-eval" */
      label = g_strdup_printf (_ ("%s %s"), lw_scope_node_get_type_name (node), name);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      label, -1);
    }
  gtk_list_item_set_accessible_label (item, label != NULL ? label : name);
  gtk_list_item_set_activatable (item, kind == LW_NODE_SCOPE);
  g_ptr_array_add (self->bound, item);
  show_choice (self, item);
  if (kind == LW_NODE_LOADING)
    lw_scope_tree_load (self->tree, node);
}

static void
unbind (LwScopeBrowser *self, GtkListItem *item)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (row_of (item)->expander), NULL);
  g_ptr_array_remove_fast (self->bound, item);
}

/* Return or a click opens what has something in it, and ticks what has not. */
static void
activated (LwScopeBrowser *self, guint position, GtkListView *view)
{
  g_autoptr (GObject) object =
      g_list_model_get_item (G_LIST_MODEL (gtk_list_view_get_model (view)), position);
  g_autoptr (LwScopeNode) node = object != NULL ? node_of (object) : NULL;
  const char *id;

  if (node == NULL || lw_scope_node_get_kind (node) != LW_NODE_SCOPE)
    return;
  id = lw_scope_node_get_id (node);
  if (GTK_IS_TREE_LIST_ROW (object) && gtk_tree_list_row_is_expandable (GTK_TREE_LIST_ROW (object)))
    gtk_tree_list_row_set_expanded (GTK_TREE_LIST_ROW (object),
                                    !gtk_tree_list_row_get_expanded (GTK_TREE_LIST_ROW (object)));
  else
    lw_form_set_scope (self->form, id, !lw_form_has_scope (self->form, id));
}

typedef struct
{
  LwScopeBrowser *browser;
  char *text;
  guint turn;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->browser);
  g_free (search->text);
  g_free (search);
}

static void
show_message (LwScopeBrowser *self, const char *text)
{
  gtk_label_set_text (self->message, text);
  gtk_stack_set_visible_child_name (self->stack, "message");
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static DexFuture *
search_fiber (gpointer data)
{
  Search *search = data;
  LwScopeBrowser *self = search->browser;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListStore) store =
      dex_await_object (lw_scope_tree_search (self->tree, search->text), &error);
  guint n;

  if (search->turn != self->turn || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  n = store != NULL ? g_list_model_get_n_items (G_LIST_MODEL (store)) : 0;
  if (store == NULL)
    show_message (self, error->message);
  else if (n == 0)
    show_message (self, _ ("Nothing of that name that you can see."));
  else
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u found", "%u found", n), n);

      gtk_no_selection_set_model (self->found, G_LIST_MODEL (store));
      gtk_stack_set_visible_child_name (self->stack, "found");
      gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
search_changed (LwScopeBrowser *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  Search *search;

  self->turn++;
  if (g_utf8_strlen (text, -1) < SEARCH_LEAST_CHARS)
    {
      gtk_stack_set_visible_child_name (self->stack, "tree");
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "searching");
  search = g_new0 (Search, 1);
  search->browser = g_object_ref (self);
  search->text = g_steal_pointer (&text);
  search->turn = self->turn;
  lw_workspace_spawn (lw_form_get_workspace (self->form), search_fiber, search, search_free);
}

static GtkListView *
list_view_new (LwScopeBrowser *self, const char *label)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *view = gtk_list_view_new (NULL, factory);

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (view), TRUE);
  gtk_widget_add_css_class (view, "navigation-sidebar");
  gtk_widget_add_css_class (view, "lw-tree");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (view, "activate", G_CALLBACK (activated), self, G_CONNECT_SWAPPED);
  return GTK_LIST_VIEW (view);
}

static GtkWidget *
scrolled (GtkWidget *child)
{
  GtkWidget *window = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), child);
  return window;
}

static void
lw_scope_browser_dispose (GObject *object)
{
  LwScopeBrowser *self = LW_SCOPE_BROWSER (object);

  self->turn++;
  if (self->tree_view != NULL)
    {
      gtk_list_view_set_model (self->tree_view, NULL);
      gtk_list_view_set_model (self->found_view, NULL);
      self->tree_view = NULL;
    }
  g_clear_object (&self->found);
  G_OBJECT_CLASS (lw_scope_browser_parent_class)->dispose (object);
}

static void
lw_scope_browser_finalize (GObject *object)
{
  LwScopeBrowser *self = LW_SCOPE_BROWSER (object);

  g_clear_object (&self->tree);
  g_clear_object (&self->form);
  g_clear_pointer (&self->bound, g_ptr_array_unref);
  G_OBJECT_CLASS (lw_scope_browser_parent_class)->finalize (object);
}

static void
lw_scope_browser_class_init (LwScopeBrowserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_scope_browser_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_scope_browser_finalize;
}

static void
lw_scope_browser_init (LwScopeBrowser *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *spinner = adw_spinner_new ();
  const char *placeholder = _ ("Search the whole tenant");

  self->bound = g_ptr_array_new ();
  self->entry = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  gtk_search_entry_set_placeholder_text (self->entry, placeholder);
  gtk_search_entry_set_search_delay (self->entry, SEARCH_DELAY_MS);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  placeholder, -1);
  gtk_widget_set_margin_start (GTK_WIDGET (self->entry), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->entry), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self->entry), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->entry), 6);
  g_signal_connect_swapped (self->entry, "search-changed", G_CALLBACK (search_changed), self);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  self->tree_view = list_view_new (self, _ ("Scopes of the tenant"));
  self->found_view = list_view_new (self, _ ("Scopes found"));
  self->found = gtk_no_selection_new (NULL);
  gtk_list_view_set_model (self->found_view, GTK_SELECTION_MODEL (self->found));
  self->message = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->message, TRUE);
  gtk_label_set_wrap_mode (self->message, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (self->message, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->message), "dim-label");
  gtk_widget_set_margin_start (GTK_WIDGET (self->message), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self->message), 18);
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  gtk_stack_add_named (self->stack, scrolled (GTK_WIDGET (self->tree_view)), "tree");
  gtk_stack_add_named (self->stack, scrolled (GTK_WIDGET (self->found_view)), "found");
  gtk_stack_add_named (self->stack, spinner, "searching");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->message), "message");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
lw_scope_browser_new (LwForm *form)
{
  LwScopeBrowser *self;
  GtkNoSelection *selection;

  g_return_val_if_fail (LW_IS_FORM (form), NULL);
  self = g_object_new (LW_TYPE_SCOPE_BROWSER, NULL);
  self->form = g_object_ref (form);
  self->tree = lw_scope_tree_new (lw_form_get_workspace (form));
  selection =
      gtk_no_selection_new (G_LIST_MODEL (g_object_ref (lw_scope_tree_get_model (self->tree))));
  gtk_list_view_set_model (self->tree_view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
  g_signal_connect_object (form, "changed", G_CALLBACK (show_choices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (form, "policy-changed", G_CALLBACK (show_choices), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
