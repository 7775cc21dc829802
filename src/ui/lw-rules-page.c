/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-json.h"
#include "lw-rules-dialogs.h"
#include "lw-rules-form.h"
#include "lw-when.h"
#include "lw-widgets.h"

#define LW_TYPE_RULES_PAGE (lw_rules_page_get_type ())
G_DECLARE_FINAL_TYPE (LwRulesPage, lw_rules_page, LW, RULES_PAGE, AdwNavigationPage)

struct _LwRulesPage
{
  AdwNavigationPage parent_instance;

  LwWorkspace *workspace;
  LwRulesForm *form; /* nullable before the rules are read */
  guint seq;         /* of the rules that the form began with */
  gboolean saving;
  gboolean asking; /* what the change means to what waits */
  guint rebuild_id;

  AdwToolbarView *toolbar;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwBin *error;
  GtkScrolledWindow *scroll;
  GtkLabel *state;
  GtkWidget *discard;
  GtkWidget *save;
};

G_DEFINE_FINAL_TYPE (LwRulesPage, lw_rules_page, ADW_TYPE_NAVIGATION_PAGE)

static void load (LwRulesPage *self);
static void build (LwRulesPage *self);

static LwLedger *
ledger_of (LwRulesPage *self)
{
  return lw_session_get_ledger (lw_workspace_get_session (self->workspace));
}

static gboolean
is_first (LwRulesPage *self)
{
  return self->seq == 0;
}

/* What is edited against what is in force. (transfer full): %NULL where it cannot be read */
static GPtrArray *
changes_of (LwRulesPage *self, GError **error)
{
  g_autoptr (LwRules) rules = lw_rules_form_read (self->form, error);

  return rules != NULL ? lw_rules_diff (lw_rules_form_get_base (self->form), rules) : NULL;
}

static gboolean
is_edited (LwRulesPage *self)
{
  g_autoptr (GPtrArray) changes = self->form != NULL ? changes_of (self, NULL) : NULL;

  return self->form != NULL && (changes == NULL || changes->len > 0);
}

static void
update_bar (LwRulesPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autofree char *text = NULL;
  gboolean editable = self->form != NULL && lw_rules_form_is_editable (self->form);
  guint n;

  if (!editable)
    {
      adw_toolbar_view_set_reveal_bottom_bars (self->toolbar, FALSE);
      return;
    }
  changes = changes_of (self, &error);
  n = changes != NULL ? changes->len : 0;
  if (error != NULL)
    text = g_strdup (error->message);
  else if (is_first (self))
    text = g_strdup (_ ("Not set yet"));
  else
    text = g_strdup_printf (ngettext ("%u change", "%u changes", n), n);
  gtk_label_set_text (self->state, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->state), text);
  gtk_button_set_label (GTK_BUTTON (self->save),
                        is_first (self) ? _ ("_Set the First Rules…") : _ ("_Review and Save…"));
  gtk_widget_set_visible (self->discard, !is_first (self));
  gtk_widget_set_sensitive (self->save, error == NULL && !self->saving);
  adw_toolbar_view_set_reveal_bottom_bars (self->toolbar,
                                           is_first (self) || n > 0 || error != NULL);
}

/* --- what the page shows ------------------------------------------------------------------------ */

static void
rebuild_now (gpointer user_data)
{
  LwRulesPage *self = user_data;

  self->rebuild_id = 0;
  build (self);
}

/* A row asked for it, so not before it is done. */
static void
rebuild (LwRulesPage *self)
{
  if (self->rebuild_id == 0)
    self->rebuild_id = g_idle_add_once (rebuild_now, self);
}

/* --- the whole ---------------------------------------------------------------------------------- */

static GtkWidget *
intro_new (LwRulesPage *self)
{
  if (is_first (self) && lw_rules_form_is_editable (self->form))
    return lw_note_new (
        "lw-attention-symbolic",
        _ ("This ledger has no rules yet, so that nobody can approve anything. These "
           "are the ones that Leeway ships with: name who approves, change what does "
           "not fit, and set them. You become their administrator."),
        "warning");
  if (!lw_rules_form_is_editable (self->form))
    return lw_note_new ("dialog-information-symbolic",
                        _ ("Only an administrator of the rules may change them."), "accent");
  return NULL;
}

static void
update_title (LwRulesPage *self)
{
  GPtrArray *history = lw_ledger_get_rules_history (ledger_of (self));
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  g_autofree char *subtitle = NULL;

  if (history->len > 0)
    {
      const LwRulesEntry *last = g_ptr_array_index (history, history->len - 1);
      g_autofree char *when = last->at != NULL ? lw_date_relative (last->at, now) : g_strdup ("");

      /* Translators: by whom the rules were changed, and when */
      subtitle = g_strdup_printf (_ ("%s, %s"), last->by->name != NULL ? last->by->name : "", when);
    }
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
}

static void
build (LwRulesPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroll);
  double at = gtk_adjustment_get_value (adjustment);
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  GtkWidget *intro = intro_new (self);

  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 24);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  if (intro != NULL)
    gtk_box_append (GTK_BOX (box), intro);
  lw_rules_add_sections (self->form, box);
  gtk_scrolled_window_set_child (self->scroll, clamp);
  gtk_adjustment_set_value (adjustment, at);
  update_title (self);
  update_bar (self);
}

static LwRulesForm *
form_new (LwRulesPage *self)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  LwRulesForm *form = lw_rules_form_new (self->workspace, lw_session_get_rules (session),
                                         lw_may_set_rules (session));

  g_signal_connect_object (form, "changed", G_CALLBACK (update_bar), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (form, "rebuild", G_CALLBACK (rebuild), self, G_CONNECT_SWAPPED);
  return form;
}

/* Who sets the first rules is among their administrators. */
static void
name_myself (LwRulesPage *self)
{
  JsonArray *administrators =
      lw_rules_form_get_list (self->form, lw_rules_form_get_json (self->form), "administrators");
  const LwPerson *me = lw_session_get_person (lw_workspace_get_session (self->workspace));

  if (me != NULL && json_array_get_length (administrators) == 0)
    json_array_add_element (administrators, lw_person_to_json (me));
}

static void
start_form (LwRulesPage *self)
{
  g_clear_object (&self->form);
  self->seq = lw_ledger_get_rules_last_seq (ledger_of (self));
  self->form = form_new (self);
  if (is_first (self) && lw_rules_form_is_editable (self->form))
    name_myself (self);
  build (self);
  gtk_stack_set_visible_child_name (self->stack, "rules");
}

static void
loaded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwRulesPage *self = owner;

  if (error != NULL && self->form == NULL)
    {
      adw_bin_set_child (self->error, lw_error_status_page (_ ("The Rules Cannot Be Read"), error,
                                                            G_CALLBACK (load), self));
      gtk_stack_set_visible_child_name (self->stack, "error");
    }
  else if (error == NULL &&
           (self->form == NULL || (self->seq != lw_ledger_get_rules_last_seq (ledger_of (self)) &&
                                   (!is_edited (self) || !lw_rules_form_is_editable (self->form)))))
    start_form (self);
}

static void
load (LwRulesPage *self)
{
  lw_when (lw_ledger_load_rules (ledger_of (self)), self, loaded, NULL, NULL);
}

/* --- saving ------------------------------------------------------------------------------------- */

static void
discard_clicked (LwRulesPage *self)
{
  start_form (self);
}

/* Mine on top of theirs, to be looked at once more. */
static void
merge_mine (gpointer user_data)
{
  LwRulesPage *self = user_data;
  g_autoptr (LwRules) base = lw_rules_ref (lw_rules_form_get_base (self->form));
  g_autoptr (LwRules) mine = lw_rules_form_read (self->form, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRules) merged =
      lw_rules_merge (base, mine, lw_ledger_get_rules (ledger_of (self)), &error);

  if (merged == NULL)
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("Both Cannot Be Joined"), error);
      return;
    }
  g_clear_object (&self->form);
  self->seq = lw_ledger_get_rules_last_seq (ledger_of (self));
  self->form = form_new (self);
  lw_rules_form_take (self->form, merged);
  build (self);
}

static void
take_theirs (gpointer user_data)
{
  start_form (user_data);
}

static void
show_conflict (LwRulesPage *self)
{
  LwRules *base = lw_rules_form_get_base (self->form);
  LwRules *theirs = lw_ledger_get_rules (ledger_of (self));
  GPtrArray *history = lw_ledger_get_rules_history (ledger_of (self));
  const LwRulesEntry *last =
      history->len > 0 ? g_ptr_array_index (history, history->len - 1) : NULL;
  g_autoptr (LwRules) mine = lw_rules_form_read (self->form, NULL);
  g_autoptr (GPtrArray) their_changes = lw_rules_diff (base, theirs);
  g_autoptr (GPtrArray) my_changes = mine != NULL ? lw_rules_diff (base, mine) : NULL;

  lw_rules_conflict_dialog (GTK_WIDGET (self), last != NULL ? last->by : NULL, their_changes,
                            my_changes, merge_mine, take_theirs, self);
}

static void
saved (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwRulesPage *self = owner;

  self->saving = FALSE;
  if (error == NULL)
    {
      lw_toast (GTK_WIDGET (self), _ ("Rules saved"));
      start_form (self);
      dex_future_disown (lw_workspace_refresh (self->workspace));
    }
  else
    {
      update_bar (self);
      if (g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
        show_conflict (self);
      else
        lw_error_dialog (GTK_WIDGET (self), _ ("The Rules Were Not Saved"), error);
    }
}

static void
save_confirmed (gpointer user_data)
{
  LwRulesPage *self = user_data;
  g_autoptr (LwRules) rules = lw_rules_form_read (self->form, NULL);

  if (rules == NULL || self->saving)
    return;
  self->saving = TRUE;
  update_bar (self);
  lw_when (lw_set_rules (lw_workspace_get_session (self->workspace), self->seq, rules), self, saved,
           NULL, NULL);
}

/* What is asked before the rules are saved: what they change, and what that means to what waits. */
static void
waiting_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwRulesPage *self = owner;
  LwSession *session = lw_workspace_get_session (self->workspace);
  g_autoptr (LwRules) rules = lw_rules_form_read (self->form, NULL);
  LwRules *base = lw_rules_form_get_base (self->form);
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GPtrArray) effects = NULL;

  self->asking = FALSE;
  if (rules == NULL)
    return;
  if (value == NULL)
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The Waiting Requests Could Not Be Read"), error);
      return;
    }
  changes = lw_rules_diff (base, rules);
  findings = lw_rules_check (rules, is_first (self) ? NULL : base, lw_session_get_person (session));
  effects = lw_rules_effects (session, rules, ((LwLedgerPage *) g_value_get_boxed (value))->cases);
  lw_rules_save_dialog (GTK_WIDGET (self), is_first (self), changes, findings, effects,
                        save_confirmed, self);
}

static void
save_clicked (LwRulesPage *self)
{
  const LwLedgerQuery waiting = { .phases =
                                      1u << LW_PHASE_PENDING | 1u << LW_PHASE_CHANGES_REQUESTED };
  LwLedger *ledger = lw_session_get_ledger (lw_workspace_get_session (self->workspace));
  g_autoptr (LwRules) rules = lw_rules_form_read (self->form, NULL);

  if (rules == NULL || self->asking)
    return;
  self->asking = TRUE;
  lw_when (lw_ledger_query (ledger, &waiting), self, waiting_read, NULL, NULL);
}

/* --- the object --------------------------------------------------------------------------------- */

static void
lw_rules_page_shown (AdwNavigationPage *page)
{
  ADW_NAVIGATION_PAGE_CLASS (lw_rules_page_parent_class)->shown (page);
  load (LW_RULES_PAGE (page));
}

static void
lw_rules_page_dispose (GObject *object)
{
  LwRulesPage *self = LW_RULES_PAGE (object);

  g_clear_handle_id (&self->rebuild_id, g_source_remove);
  g_clear_object (&self->form);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_rules_page_parent_class)->dispose (object);
}

static void
lw_rules_page_class_init (LwRulesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_rules_page_dispose;
  ADW_NAVIGATION_PAGE_CLASS (klass)->shown = lw_rules_page_shown;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-rules-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, toolbar);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, title);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, error);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, scroll);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, state);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, discard);
  gtk_widget_class_bind_template_child (widget_class, LwRulesPage, save);
  gtk_widget_class_bind_template_callback (widget_class, discard_clicked);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked);
}

static void
lw_rules_page_init (LwRulesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwNavigationPage *
lw_rules_page_new (LwWorkspace *workspace)
{
  LwRulesPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_RULES_PAGE, NULL);
  self->workspace = g_object_ref (workspace);
  adw_toolbar_view_add_top_bar (self->toolbar, lw_state_banner_new (workspace));
  load (self);
  return ADW_NAVIGATION_PAGE (self);
}
