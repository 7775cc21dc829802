/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-domain-error.h"
#include "lw-outbox-dialog.h"
#include "lw-pages.h"
#include "lw-widgets.h"

struct _LwStepCheck
{
  LwFormStep parent_instance;

  GtkBox *findings;
  GtkWidget *first_blocker;
  LwDecisionCard *card;
  GtkWidget *state;
  GtkWidget *state_spinner;
  GtkLabel *state_text;
  guint turn;
  gboolean checking;
  gboolean submitting;
};

typedef enum
{
  PROP_SUBMITTING = 1
} LwStepCheckProperty;
enum
{
  EDIT,
  SUBMITTED,
  N_SIGNALS
};

static GParamSpec *properties[PROP_SUBMITTING + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LwStepCheck, lw_step_check, LW_TYPE_FORM_STEP)

static LwForm *
form_of (LwStepCheck *self)
{
  return lw_form_step_get_form (LW_FORM_STEP (self));
}

static void
edit_clicked (GtkButton *button, gpointer user_data)
{
  LwStepCheck *self = user_data;
  g_autofree char *field = g_strdup (g_object_get_data (G_OBJECT (button), "field"));
  guint step = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "step"));

  g_signal_emit (self, signals[EDIT], 0, step, field);
}

static GtkWidget *
finding_row (LwStepCheck *self, const LwFinding *finding)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Edit"));
  GtkWidget *icon = gtk_image_new_from_icon_name (
      finding->severity == LW_SEVERITY_ADVICE ? "help-about-symbolic" : "dialog-warning-symbolic");
  g_autofree char *label = g_strdup_printf (_ ("Edit: %s"), finding->message);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), finding->message);
  if (finding->hint != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), finding->hint);
  if (finding->severity == LW_SEVERITY_BLOCKER)
    gtk_widget_add_css_class (icon, "error");
  else if (finding->severity == LW_SEVERITY_WARNING)
    gtk_widget_add_css_class (icon, "warning");
  else
    gtk_widget_add_css_class (icon, "dim-label");
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  lw_button_set_name (button, label);
  g_object_set_data_full (G_OBJECT (button), "field", g_strdup (finding->field), g_free);
  g_object_set_data (G_OBJECT (button), "step", GUINT_TO_POINTER (lw_form_step_of (finding)));
  g_signal_connect (button, "clicked", G_CALLBACK (edit_clicked), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  if (finding->severity == LW_SEVERITY_BLOCKER && self->first_blocker == NULL)
    self->first_blocker = row;
  return row;
}

/* The same sentence about each of ten scopes is said once. */
static gboolean
said_before (GPtrArray *findings, guint index)
{
  LwFinding *finding = g_ptr_array_index (findings, index);

  for (guint i = 0; i < index; i++)
    {
      LwFinding *other = g_ptr_array_index (findings, i);

      if (g_str_equal (other->message, finding->message) && g_str_equal (other->id, finding->id) &&
          lw_form_step_of (other) != LW_FORM_CONTROLS && lw_form_step_of (other) != LW_FORM_REASON)
        return TRUE;
    }
  return FALSE;
}

static void
add_severity (LwStepCheck *self, GPtrArray *findings, LwSeverity severity, const char *title)
{
  GtkListBox *list;
  GtkWidget *group = lw_form_group_new (title, NULL, &list);
  guint n = 0;

  g_object_ref_sink (group);
  for (guint i = 0; i < findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (findings, i);

      /* Who submits becomes the requester: there is nothing to do about it. */
      if (finding->severity != severity || said_before (findings, i) ||
          g_str_equal (finding->field, "requester"))
        continue;
      gtk_list_box_append (list, finding_row (self, finding));
      n++;
    }
  if (n > 0)
    gtk_box_append (self->findings, group);
  g_object_unref (group);
}

static void
fill (LwStepCheck *self)
{
  LwForm *form = form_of (self);
  GPtrArray *findings = lw_form_get_findings (form);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->findings))) != NULL)
    gtk_box_remove (self->findings, child);
  self->first_blocker = NULL;
  add_severity (self, findings, LW_SEVERITY_BLOCKER, _ ("Must Be Mended"));
  add_severity (self, findings, LW_SEVERITY_WARNING, _ ("The Approver Will See"));
  add_severity (self, findings, LW_SEVERITY_ADVICE, _ ("Advice"));
  lw_decision_card_set_request (self->card, lw_form_get_request (form), findings);
}

static void
show_state (LwStepCheck *self, gboolean busy, const char *text)
{
  gtk_widget_set_visible (self->state_spinner, busy);
  gtk_label_set_text (self->state_text, text);
  gtk_widget_set_visible (self->state, *text != '\0');
}

static void
show_outcome (LwStepCheck *self)
{
  if (lw_findings_submittable (lw_form_get_findings (form_of (self))))
    show_state (self, FALSE, _ ("Nothing stands in the way. Submit it when you are ready."));
  else
    show_state (self, FALSE, "");
}

typedef struct
{
  LwStepCheck *step;
  LwRequest *request;
  guint turn;
} Work;

static Work *
work_new (LwStepCheck *self)
{
  Work *work = g_new0 (Work, 1);

  work->step = g_object_ref (self);
  work->request = lw_request_copy (lw_form_get_request (form_of (self)));
  work->turn = ++self->turn;
  return work;
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_object_unref (work->step);
  lw_request_free (work->request);
  g_free (work);
}

static DexFuture *
check_fiber (gpointer data)
{
  Work *work = data;
  LwStepCheck *self = work->step;
  LwForm *form = form_of (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings =
      dex_await_boxed (lw_check_request (lw_form_get_session (form), work->request), &error);

  if (work->turn != self->turn || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  self->checking = FALSE;
  if (findings == NULL)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("Azure could not be asked, so this is only what can be said "
                              "without it. %s"),
                           error->message);

      show_state (self, FALSE, text);
      return dex_future_new_for_boolean (FALSE);
    }
  lw_form_take_findings (form, findings);
  show_outcome (self);
  return dex_future_new_for_boolean (TRUE);
}

static void
check (LwStepCheck *self)
{
  self->checking = TRUE;
  show_state (self, TRUE, _ ("Asking Azure whether the policy is still the same…"));
  lw_workspace_spawn (lw_form_get_workspace (form_of (self)), check_fiber, work_new (self),
                      work_free);
}

static void
set_submitting (LwStepCheck *self, gboolean submitting)
{
  self->submitting = submitting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBMITTING]);
}

static DexFuture *
submit_fiber (gpointer data)
{
  Work *work = data;
  LwStepCheck *self = work->step;
  LwForm *form = form_of (self);
  LwWorkspace *workspace = lw_form_get_workspace (form);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCase) value = NULL;

  /* What was typed last is on disk before it goes anywhere else. */
  if (!dex_await (lw_form_flush (form), &error))
    {
      set_submitting (self, FALSE);
      lw_error_dialog (GTK_WIDGET (self), _ ("The Draft Could Not Be Saved"), error);
      return dex_future_new_for_boolean (FALSE);
    }
  value = dex_await_boxed (lw_submit (lw_form_get_session (form), work->request), &error);
  set_submitting (self, FALSE);
  if (value == NULL)
    {
      show_outcome (self);
      if (!lw_error_is_cancelled (error))
        lw_error_dialog (GTK_WIDGET (self), _ ("Not Submitted"), error);
      if (g_error_matches (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED))
        check (self);
      return dex_future_new_for_boolean (FALSE);
    }
  lw_workspace_take_case (workspace, value);
  if (!dex_await (lw_form_finish (form), &error) && !lw_error_is_cancelled (error))
    g_message ("The draft of a submitted request stays: %s", error->message);
  g_signal_emit (self, signals[SUBMITTED], 0, lw_outbox_toast (value, _ ("Request submitted")));
  return dex_future_new_for_boolean (TRUE);
}

void
lw_step_check_submit (LwStepCheck *self)
{
  GPtrArray *findings;
  guint blockers = 0;

  g_return_if_fail (LW_IS_STEP_CHECK (self));
  if (self->submitting)
    return;
  findings = lw_form_get_findings (form_of (self));
  for (guint i = 0; i < findings->len; i++)
    blockers += ((LwFinding *) g_ptr_array_index (findings, i))->severity == LW_SEVERITY_BLOCKER;
  if (blockers > 0)
    {
      LwFinding *first = g_ptr_array_index (findings, 0);
      g_autofree char *text =
          g_strdup_printf (ngettext ("%u thing must be mended first. %s",
                                     "%u things must be mended first. %s", blockers),
                           blockers, first->message);

      show_state (self, FALSE, text);
      gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
      if (self->first_blocker != NULL)
        gtk_widget_grab_focus (self->first_blocker);
      return;
    }
  set_submitting (self, TRUE);
  show_state (self, TRUE, _ ("Submitting…"));
  lw_workspace_spawn (lw_form_get_workspace (form_of (self)), submit_fiber, work_new (self),
                      work_free);
}

static void
lw_step_check_assessed (LwFormStep *step)
{
  LwStepCheck *self = LW_STEP_CHECK (step);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    fill (self);
}

static void
lw_step_check_shown (LwFormStep *step)
{
  LwStepCheck *self = LW_STEP_CHECK (step);

  fill (self);
  check (self);
}

static GtkWidget *
state_box (LwStepCheck *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (NULL);

  self->state_spinner = adw_spinner_new ();
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), self->state_spinner);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_add_css_class (box, "lw-note");
  self->state_text = GTK_LABEL (label);
  return box;
}

static void
lw_step_check_load (LwFormStep *step)
{
  LwStepCheck *self = LW_STEP_CHECK (step);
  GtkWidget *card, *title;

  lw_form_step_set_width (step, 720);
  lw_form_step_set_question (step, _ ("Is it all there?"),
                             _ ("This is what the approver will see, and what Leeway says of it."));
  self->state = state_box (self);
  lw_form_step_append (step, self->state);
  self->findings = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  lw_form_step_append (step, GTK_WIDGET (self->findings));
  title = gtk_label_new (_ ("As the Approver Sees It"));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  lw_form_step_append (step, title);
  card = lw_decision_card_new (lw_form_get_workspace (lw_form_step_get_form (step)));
  self->card = LW_DECISION_CARD (card);
  lw_form_step_append (step, card);
}

static void
lw_step_check_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwStepCheck *self = LW_STEP_CHECK (object);

  switch ((LwStepCheckProperty) id)
    {
    case PROP_SUBMITTING:
      g_value_set_boolean (value, self->submitting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_step_check_class_init (LwStepCheckClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = lw_step_check_get_property;
  properties[PROP_SUBMITTING] =
      g_param_spec_boolean ("submitting", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties), properties);
  signals[EDIT] = g_signal_new ("edit", LW_TYPE_STEP_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[SUBMITTED] = g_signal_new ("submitted", LW_TYPE_STEP_CHECK, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  step_class->step = LW_FORM_CHECK;
  step_class->load = lw_step_check_load;
  step_class->assessed = lw_step_check_assessed;
  step_class->shown = lw_step_check_shown;
}

static void
lw_step_check_init (LwStepCheck *self)
{
}
