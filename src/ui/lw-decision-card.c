/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-card.h"

#include <glib/gi18n-lib.h>

#include "lw-assess.h"
#include "lw-columns.h"
#include "lw-decision-parts.h"

#define COLUMNS_FROM 560 /* sp */

struct _LwDecisionCard
{
  AdwBin parent_instance;
  LwWorkspace *workspace;
  LwCase *value;
  LwRequest *request;
  GPtrArray *findings;
  LwRight right;
  gboolean right_shown;
  gboolean right_known;
  GtkWidget *right_slot;
};

G_DEFINE_FINAL_TYPE (LwDecisionCard, lw_decision_card, ADW_TYPE_BIN)

static void
append (GtkWidget *box, GtkWidget *part)
{
  if (part)
    gtk_box_append (GTK_BOX (box), part);
}

static LwDecisionView
view_of (LwDecisionCard *self, GDateTime *now)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  LwDecisionView view = {
    .workspace = self->workspace,
    .hierarchy = lw_session_get_hierarchy (session),
    .rules =
        self->value && self->value->rules ? self->value->rules : lw_session_get_rules (session),
    .now = now,
    .value = self->value,
    .request = self->value ? self->value->content : self->request,
    .previous = self->value ? self->value->previous : NULL,
    .findings = self->findings,
    .right = self->right,
    .right_shown = self->right_shown,
    .right_known = self->right_known,
  };
  return view;
}

static void
show_right (LwDecisionCard *self)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  LwDecisionView view = view_of (self, now);

  if (self->right_slot)
    adw_bin_set_child (ADW_BIN (self->right_slot), lw_decision_right_new (&view));
}

/* What there is to say where a record has no readable content. */
static GtkWidget *
unreadable_new (const LwDecisionView *view)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  GtkWidget *title = lw_text_new (_ ("Nothing can be read from this record."));

  gtk_widget_add_css_class (title, "lw-sentence");
  gtk_box_append (GTK_BOX (box), title);
  append (box, lw_decision_flags_new (view));
  append (box, lw_decision_history_new (view));
  return box;
}

static GtkWidget *
columns_new (LwDecisionCard *self, const LwDecisionView *view)
{
  GtkWidget *columns = lw_columns_new (COLUMNS_FROM, 26, 20);
  GtkWidget *main = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);

  append (main, lw_decision_findings_new (view));
  append (main, lw_decision_changes_new (view));
  append (main, lw_decision_reason_new (view));
  append (main, lw_decision_grants_new (view));
  append (main, lw_decision_controls_new (view));
  append (main, lw_decision_plan_new (view));
  append (side, lw_decision_people_new (view));
  append (side, lw_decision_sign_off_new (view));
  self->right_slot = adw_bin_new ();
  append (side, self->right_slot);
  lw_columns_append (LW_COLUMNS (columns), main, 12);
  lw_columns_append (LW_COLUMNS (columns), side, 7);
  return columns;
}

/* A viewport must not be left scrolling to a widget that is about to go. */
static void
release_focus (LwDecisionCard *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  if (focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    gtk_root_set_focus (root, NULL);
}

static void
rebuild (LwDecisionCard *self)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  LwDecisionView view = view_of (self, now);
  GtkWidget *box;

  self->right_slot = NULL;
  release_focus (self);
  if (!view.request)
    {
      adw_bin_set_child (ADW_BIN (self), self->value ? unreadable_new (&view) : NULL);
      return;
    }
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  append (box, lw_decision_flags_new (&view));
  append (box, lw_decision_head_new (&view));
  append (box, lw_decision_facts_new (&view));
  append (box, lw_decision_result_new (&view));
  append (box, columns_new (self, &view));
  append (box, lw_decision_azure_new (&view));
  append (box, lw_decision_history_new (&view));
  adw_bin_set_child (ADW_BIN (self), box);
  show_right (self);
}

/* Findings say what may still be mended; what is decided for good is not assessed again. */
static gboolean
is_open (LwCase *value)
{
  return value->content &&
         (value->phase == LW_PHASE_PENDING || value->phase == LW_PHASE_CHANGES_REQUESTED ||
          value->phase == LW_PHASE_APPROVED || value->phase == LW_PHASE_APPLY_FAILED);
}

void
lw_decision_card_set_case (LwDecisionCard *self, LwCase *value)
{
  g_return_if_fail (LW_IS_DECISION_CARD (self));

  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->request, lw_request_free);
  if (value)
    lw_case_ref (value);
  g_clear_pointer (&self->value, lw_case_unref);
  self->value = value;
  self->right_shown = FALSE;
  if (value && is_open (value))
    {
      LwSession *session = lw_workspace_get_session (self->workspace);
      g_autoptr (GDateTime) now = lw_session_now (session);
      LwAssessContext context = {
        .now = now,
        .rules = value->rules ? value->rules : lw_session_get_rules (session),
        .hierarchy = lw_session_get_hierarchy (session),
      };

      self->findings = lw_assess (value->content, &context);
    }
  rebuild (self);
}

void
lw_decision_card_set_request (LwDecisionCard *self, const LwRequest *request, GPtrArray *findings)
{
  g_return_if_fail (LW_IS_DECISION_CARD (self));

  g_clear_pointer (&self->value, lw_case_unref);
  g_clear_pointer (&self->request, lw_request_free);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  self->request = request ? lw_request_copy (request) : NULL;
  self->findings = findings ? g_ptr_array_ref (findings) : NULL;
  self->right_shown = FALSE;
  rebuild (self);
}

void
lw_decision_card_ask_right (LwDecisionCard *self)
{
  g_return_if_fail (LW_IS_DECISION_CARD (self));
  self->right_shown = TRUE;
  self->right_known = FALSE;
  show_right (self);
}

void
lw_decision_card_set_right (LwDecisionCard *self, LwRight right)
{
  g_return_if_fail (LW_IS_DECISION_CARD (self));
  self->right_shown = self->right_known = TRUE;
  self->right = right;
  show_right (self);
}

static void
lw_decision_card_dispose (GObject *object)
{
  LwDecisionCard *self = LW_DECISION_CARD (object);

  self->right_slot = NULL;
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->value, lw_case_unref);
  g_clear_pointer (&self->request, lw_request_free);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  G_OBJECT_CLASS (lw_decision_card_parent_class)->dispose (object);
}

static void
lw_decision_card_class_init (LwDecisionCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_decision_card_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ARTICLE);
}

static void
lw_decision_card_init (LwDecisionCard *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What is asked"), -1);
}

GtkWidget *
lw_decision_card_new (LwWorkspace *workspace)
{
  LwDecisionCard *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_DECISION_CARD, NULL);
  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}
