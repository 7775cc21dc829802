/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-scope-ladder.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lw-await.h"
#include "lw-form-step.h"
#include "lw-json.h"
#include "lw-ladder-words.h"
#include "lw-widgets.h"

#define UPDATE_DELAY_MS 300

struct _LwScopeLadder
{
  AdwBin parent_instance;

  LwForm *form;
  GPtrArray *needed;     /* (element-type utf8): resources, as of the last count */
  GPtrArray *references; /* (element-type utf8): likewise */
  char *key;             /* what was counted, or is being */
  LwNarrowing *narrowing;
  GPtrArray *checks;    /* (element-type GtkCheckButton) unowned: one for each option */
  GtkCheckButton *none; /* on no screen: chosen where none of them is */
  guint turn;
  guint source;
  gboolean loading;

  GtkWidget *box;
  GtkWidget *rungs_group;
  GtkListBox *rungs;
  GtkWidget *waiting;
  GtkWidget *notes_group;
  GtkListBox *notes;
};

G_DEFINE_FINAL_TYPE (LwScopeLadder, lw_scope_ladder, ADW_TYPE_BIN)

/* --- what is needed ----------------------------------------------------------------------------- */

static void
add_once (GPtrArray *texts, GHashTable *seen, const char *text)
{
  if (!g_hash_table_add (seen, (gpointer) text))
    return;
  g_ptr_array_add (texts, g_strdup (text));
}

/* All references that are asked for. (transfer full) */
static GPtrArray *
references_of (LwForm *form)
{
  GPtrArray *grants = lw_form_get_request (form)->grants;
  GPtrArray *references = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);

      for (guint j = 0; j < grant->references->len; j++)
        add_once (references, seen, g_ptr_array_index (grant->references, j));
    }
  return references;
}

static gboolean
lies_in (GPtrArray *scopes, LwHierarchy *hierarchy, const char *id)
{
  for (guint i = 0; i < scopes->len; i++)
    if (lw_hierarchy_contains (hierarchy, g_ptr_array_index (scopes, i), id))
      return TRUE;
  return FALSE;
}

static gboolean
is_asked_for (GPtrArray *references, LwPolicyState *state)
{
  const char *reference = state->reference_id != NULL ? state->reference_id : "";

  for (guint i = 0; i < references->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (references, i), reference) == 0)
      return TRUE;
  return references->len == 0;
}

/* The resources chosen, or where wider scopes are chosen what fails in them. (transfer full) */
static GPtrArray *
needed_by (LwForm *form, GPtrArray *scopes, GPtrArray *references)
{
  GPtrArray *needed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_form_get_session (form));
  GPtrArray *failing = lw_form_get_failing (form);
  gboolean wide = FALSE;

  for (guint i = 0; i < scopes->len; i++)
    if (lw_scope_kind (g_ptr_array_index (scopes, i)) == LW_SCOPE_RESOURCE)
      add_once (needed, seen, g_ptr_array_index (scopes, i));
    else
      wide = TRUE;
  for (guint i = 0; wide && failing != NULL && i < failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (failing, i);

      if (is_asked_for (references, state) && lies_in (scopes, hierarchy, state->resource_id))
        add_once (needed, seen, state->resource_id);
    }
  return needed;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_ascii_strcasecmp (*(char *const *) a, *(char *const *) b);
}

/* Tells one count from another. (transfer full) */
static char *
key_of (LwForm *form, GPtrArray *needed, GPtrArray *references)
{
  LwAssignment *assignment = lw_form_get_assignment (form);
  GString *key = g_string_new (assignment->id);

  g_ptr_array_sort (needed, compare_texts);
  g_ptr_array_sort (references, compare_texts);
  for (guint i = 0; i < needed->len; i++)
    g_string_append_printf (key, "\n%s", (char *) g_ptr_array_index (needed, i));
  for (guint i = 0; i < references->len; i++)
    g_string_append_printf (key, "\n\t%s", (char *) g_ptr_array_index (references, i));
  return g_string_free_and_steal (key);
}

/* --- what is chosen ----------------------------------------------------------------------------- */

static gboolean
is_chosen (LwForm *form, const LwNarrowOption *option)
{
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (form);

  if (scopes->len != option->exemptions->len)
    return FALSE;
  for (guint i = 0; i < option->exemptions->len; i++)
    if (!lw_form_has_scope (
            form, ((LwNarrowExemption *) g_ptr_array_index (option->exemptions, i))->scope))
      return FALSE;
  return TRUE;
}

static gboolean
some_rung_is_chosen (LwScopeLadder *self)
{
  GPtrArray *options = self->narrowing != NULL ? self->narrowing->result->options : NULL;

  for (guint i = 0; options != NULL && i < options->len; i++)
    if (is_chosen (self->form, g_ptr_array_index (options, i)))
      return TRUE;
  return FALSE;
}

static void
show_chosen (LwScopeLadder *self)
{
  GtkCheckButton *chosen = self->none;

  for (guint i = 0; i < self->checks->len; i++)
    if (is_chosen (self->form, g_ptr_array_index (self->narrowing->result->options, i)))
      chosen = g_ptr_array_index (self->checks, i);
  self->loading = TRUE;
  gtk_check_button_set_active (chosen, TRUE);
  self->loading = FALSE;
}

static void
check_toggled (GtkCheckButton *check, gpointer user_data)
{
  LwScopeLadder *self = user_data;
  guint index;

  if (self->loading || !gtk_check_button_get_active (check) || self->narrowing == NULL ||
      !g_ptr_array_find (self->checks, check, &index))
    return;
  lw_form_take_option (self->form, g_ptr_array_index (self->narrowing->result->options, index));
}

/* --- rungs -------------------------------------------------------------------------------------- */

static GtkWidget *
affected_row (const LwNarrowAffected *affected)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *count = lw_ladder_affected_words (affected);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), affected->type);
  if (*affected->team != '\0')
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), affected->team);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_label_new (count));
  return row;
}

/* Counted by type and team when somebody wants to see it. */
static void
rung_expanded (AdwExpanderRow *row, GParamSpec *pspec, gpointer user_data)
{
  LwScopeLadder *self = user_data;
  guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "option"));
  g_autoptr (GPtrArray) affected = NULL;

  if (!adw_expander_row_get_expanded (row) || g_object_get_data (G_OBJECT (row), "filled") != NULL)
    return;
  g_object_set_data (G_OBJECT (row), "filled", row);
  affected = lw_narrow_result_affected (
      self->narrowing->result, g_ptr_array_index (self->narrowing->result->options, index));
  for (guint i = 0; i < affected->len; i++)
    adw_expander_row_add_row (row, affected_row (g_ptr_array_index (affected, i)));
}

/* How many others, on a scale on which ten times as many is one step. */
static GtkWidget *
meter (LwScopeLadder *self, const LwNarrowOption *option)
{
  GPtrArray *options = self->narrowing->result->options;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_autofree char *words = lw_ladder_others (option);
  GtkWidget *label = gtk_label_new (words);
  GtkWidget *bar = gtk_level_bar_new ();
  guint64 most = 1;

  for (guint i = 0; i < options->len; i++)
    most = MAX (most, ((LwNarrowOption *) g_ptr_array_index (options, i))->collateral);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar),
                           log10 (1 + (double) option->collateral) / log10 (1 + (double) most));
  gtk_accessible_update_state (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_size_request (bar, 72, -1);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), bar);
  return box;
}

static GtkWidget *
rung_row (LwScopeLadder *self, guint index)
{
  LwWorkspace *workspace = lw_form_get_workspace (self->form);
  GPtrArray *options = self->narrowing->result->options;
  const LwNarrowOption *option = g_ptr_array_index (options, index);
  const LwNarrowOption *before = index > 0 ? g_ptr_array_index (options, index - 1) : NULL;
  GtkWidget *row = option->collateral > 0 ? adw_expander_row_new () : adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *pill = index == 0 ? lw_pill_new (_ ("Smallest"), "success") : NULL;
  g_autofree char *title = lw_ladder_title (workspace, option);
  g_autofree char *subtitle = lw_ladder_subtitle (workspace, option, before);
  g_autofree char *others = lw_ladder_others_sentence (option);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->none);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, others, -1);
  g_ptr_array_add (self->checks, check);
  g_signal_connect (check, "toggled", G_CALLBACK (check_toggled), self);
  if (ADW_IS_EXPANDER_ROW (row))
    {
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
      adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), check);
      /* its suffixes stand in the reverse order */
      adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), meter (self, option));
      if (pill != NULL)
        adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), pill);
      g_object_set_data (G_OBJECT (row), "option", GUINT_TO_POINTER (index));
      g_signal_connect (row, "notify::expanded", G_CALLBACK (rung_expanded), self);
    }
  else
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
      if (pill != NULL)
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), pill);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), meter (self, option));
    }
  gtk_widget_set_tooltip_text (row, others);
  return row;
}

/* --- what else there is to know ----------------------------------------------------------------- */

static void
add_note (LwScopeLadder *self, const char *icon_name, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  gtk_list_box_append (self->notes, row);
  gtk_widget_set_visible (self->notes_group, TRUE);
}

static void
add_covering (LwScopeLadder *self)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_form_get_session (self->form));

  for (guint i = 0; i < self->narrowing->covering->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (self->narrowing->covering, i);
      g_autofree char *scope =
          lw_workspace_scope_title (lw_form_get_workspace (self->form), exemption->scope);
      g_autofree char *when =
          exemption->expires != NULL ? lw_date_relative (exemption->expires, now) : NULL;
      g_autofree char *text =
          when != NULL ? g_strdup_printf (_ ("Another exemption, on %s; ends %s"), scope, when)
                       : g_strdup_printf (_ ("Another exemption, on %s; it has no end"), scope);

      add_note (self, "document-open-recent-symbolic", exemption->display_name, text);
    }
}

static void
fill (LwScopeLadder *self)
{
  LwNarrowResult *result = self->narrowing->result;
  LwChoice *best = g_ptr_array_index (self->narrowing->choices, 0);

  gtk_list_box_remove_all (self->rungs);
  gtk_list_box_remove_all (self->notes);
  gtk_widget_set_visible (self->notes_group, FALSE);
  g_ptr_array_set_size (self->checks, 0);
  for (guint i = 0; i < result->options->len; i++)
    gtk_list_box_append (self->rungs, rung_row (self, i));
  if (best->kind != LW_CHOICE_EXEMPTION)
    add_note (self, "dialog-information-symbolic", lw_ladder_choice_title (best->kind), best->why);
  for (guint i = 0; i < result->notices->len; i++)
    add_note (self, "dialog-information-symbolic",
              ((LwNarrowNotice *) g_ptr_array_index (result->notices, i))->message, NULL);
  add_covering (self);
  gtk_widget_set_visible (self->rungs_group, result->options->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  show_chosen (self);
}

/* --- counting ----------------------------------------------------------------------------------- */

typedef struct
{
  LwScopeLadder *ladder;
  guint turn;
  LwSession *session;
  LwAssignment *assignment;
  GPtrArray *needed;
  GPtrArray *references;
  LwNarrowing *narrowing;
  GError *error;
} Count;

static void
count_free (gpointer data)
{
  Count *self = data;

  g_object_unref (self->ladder);
  g_object_unref (self->session);
  lw_assignment_unref (self->assignment);
  g_ptr_array_unref (self->needed);
  g_ptr_array_unref (self->references);
  g_clear_pointer (&self->narrowing, lw_narrowing_unref);
  g_clear_error (&self->error);
  g_free (self);
}

/* Off the fiber: widgets need more stack than it has. */
static gboolean
counted (gpointer data)
{
  Count *count = data;
  LwScopeLadder *self = count->ladder;

  if (count->turn != self->turn || self->form == NULL ||
      lw_workspace_is_closed (lw_form_get_workspace (self->form)))
    return G_SOURCE_REMOVE;
  gtk_widget_set_visible (self->waiting, FALSE);
  g_clear_pointer (&self->narrowing, lw_narrowing_unref);
  self->narrowing = g_steal_pointer (&count->narrowing);
  if (self->narrowing != NULL)
    {
      fill (self);
      return G_SOURCE_REMOVE;
    }
  /* Nobody is kept from choosing in the tree. */
  g_ptr_array_set_size (self->checks, 0);
  gtk_list_box_remove_all (self->rungs);
  gtk_list_box_remove_all (self->notes);
  gtk_widget_set_visible (self->rungs_group, FALSE);
  if (count->error != NULL && !lw_error_is_cancelled (count->error))
    {
      g_autofree char *sentence = lw_error_sentence (count->error);

      add_note (self, "dialog-warning-symbolic", _ ("Others affected could not be counted"),
                sentence);
    }
  return G_SOURCE_REMOVE;
}

static DexFuture *
count_fiber (gpointer data)
{
  Count *count = data;

  count->narrowing = dex_await_boxed (
      lw_narrow_assignment (count->session, count->assignment, count->needed, count->references, 0),
      &count->error);
  g_idle_add_full (G_PRIORITY_DEFAULT, counted, count, count_free);
  return dex_future_new_for_boolean (TRUE);
}

static void
start (LwScopeLadder *self)
{
  Count *count = g_new0 (Count, 1);

  count->ladder = g_object_ref (self);
  count->turn = ++self->turn;
  count->session = g_object_ref (lw_form_get_session (self->form));
  count->assignment = lw_assignment_ref (lw_form_get_assignment (self->form));
  count->needed = g_ptr_array_ref (self->needed);
  count->references = g_ptr_array_ref (self->references);
  gtk_widget_set_visible (self->waiting, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  lw_workspace_spawn (lw_form_get_workspace (self->form), count_fiber, count, NULL);
}

static void
forget (LwScopeLadder *self)
{
  self->turn++;
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->narrowing, lw_narrowing_unref);
  g_ptr_array_set_size (self->checks, 0);
  gtk_list_box_remove_all (self->rungs);
  gtk_list_box_remove_all (self->notes);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static gboolean
update_now (gpointer data)
{
  LwScopeLadder *self = data;
  LwAssignment *assignment = lw_form_get_assignment (self->form);
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (self->form);
  g_autoptr (GPtrArray) references = references_of (self->form);
  g_autoptr (GPtrArray) needed = needed_by (self->form, scopes, references);
  g_autofree char *key = NULL;

  self->source = 0;
  if (assignment == NULL || needed->len == 0 ||
      !lw_session_is_open (lw_form_get_session (self->form)))
    {
      forget (self);
      return G_SOURCE_REMOVE;
    }
  key = key_of (self->form, needed, references);
  if (g_strcmp0 (key, self->key) == 0)
    return G_SOURCE_REMOVE;
  g_set_str (&self->key, key);
  g_clear_pointer (&self->needed, g_ptr_array_unref);
  g_clear_pointer (&self->references, g_ptr_array_unref);
  self->needed = g_steal_pointer (&needed);
  self->references = g_steal_pointer (&references);
  start (self);
  return G_SOURCE_REMOVE;
}

void
lw_scope_ladder_update (LwScopeLadder *self)
{
  g_return_if_fail (LW_IS_SCOPE_LADDER (self));

  /* A step up or down the ladder needs the same as before. */
  if (some_rung_is_chosen (self))
    {
      g_clear_handle_id (&self->source, g_source_remove);
      show_chosen (self);
      return;
    }
  if (self->narrowing != NULL)
    show_chosen (self);
  if (self->source == 0)
    self->source = g_timeout_add (UPDATE_DELAY_MS, update_now, self);
}

/* --- the widget --------------------------------------------------------------------------------- */

static void
lw_scope_ladder_dispose (GObject *object)
{
  LwScopeLadder *self = LW_SCOPE_LADDER (object);

  self->turn++;
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->narrowing, lw_narrowing_unref);
  g_clear_object (&self->none);
  g_clear_object (&self->form);
  G_OBJECT_CLASS (lw_scope_ladder_parent_class)->dispose (object);
}

static void
lw_scope_ladder_finalize (GObject *object)
{
  LwScopeLadder *self = LW_SCOPE_LADDER (object);

  g_clear_pointer (&self->needed, g_ptr_array_unref);
  g_clear_pointer (&self->references, g_ptr_array_unref);
  g_clear_pointer (&self->checks, g_ptr_array_unref);
  g_free (self->key);
  G_OBJECT_CLASS (lw_scope_ladder_parent_class)->finalize (object);
}

static void
lw_scope_ladder_class_init (LwScopeLadderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_scope_ladder_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_scope_ladder_finalize;
}

static void
lw_scope_ladder_init (LwScopeLadder *self)
{
  self->checks = g_ptr_array_new ();
  self->none = g_object_ref_sink (GTK_CHECK_BUTTON (gtk_check_button_new ()));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  self->waiting = gtk_label_new (_ ("Counting who else would be let off…"));
  gtk_label_set_xalign (GTK_LABEL (self->waiting), 0);
  gtk_label_set_wrap (GTK_LABEL (self->waiting), TRUE);
  gtk_widget_add_css_class (self->waiting, "dim-label");
  gtk_widget_set_visible (self->waiting, FALSE);
  self->rungs_group = lw_form_group_new (
      _ ("Ways to Exempt It"), _ ("The narrowest first, with how many others each lets off."),
      &self->rungs);
  self->notes_group = lw_form_group_new (_ ("Worth Knowing"), NULL, &self->notes);
  gtk_widget_set_visible (self->rungs_group, FALSE);
  gtk_widget_set_visible (self->notes_group, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->waiting);
  gtk_box_append (GTK_BOX (self->box), self->rungs_group);
  gtk_box_append (GTK_BOX (self->box), self->notes_group);
  adw_bin_set_child (ADW_BIN (self), self->box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lw_scope_ladder_new (LwForm *form)
{
  LwScopeLadder *self = g_object_new (LW_TYPE_SCOPE_LADDER, NULL);

  self->form = g_object_ref (form);
  return GTK_WIDGET (self);
}
