/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-parts.h"

#include <glib/gi18n-lib.h>

#include "lw-columns.h"
#include "lw-decision-words.h"
#include "lw-diff-label.h"
#include "lw-evidence-row.h"
#include "lw-json.h"
#include "lw-widgets.h"

static void
plain_row (GtkWidget *row, const char *title, const char *subtitle)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title ? title : "");
  if (ADW_IS_ACTION_ROW (row))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle ? subtitle : "");
  else
    adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle ? subtitle : "");
}

/* An icon that says a word to those who cannot see it. */
static GtkWidget *
meaning_icon_new (const char *icon, const char *style, const char *word)
{
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  if (style)
    gtk_widget_add_css_class (image, style);
  gtk_widget_set_tooltip_text (image, word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, word, -1);
  return image;
}

GtkWidget *
lw_decision_head_new (const LwDecisionView *view)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *pills = adw_wrap_box_new ();
  g_autofree char *text = lw_words_sentence (view->hierarchy, view->request);
  const LwGrant *first =
      view->request->grants->len ? g_ptr_array_index (view->request->grants, 0) : NULL;
  g_autofree char *name = lw_words_scope_name (view->hierarchy, first ? first->scope : NULL);
  g_autofree char *day = lw_words_day (view->request->expires);
  /* "31 January": the year may stand on the next line. */
  const char *end = strrchr (day, ' ');
  g_autofree char *day_of_month = end ? g_strndup (day, (gsize) (end - day)) : g_strdup (day);
  const char *const whole[] = { name, day_of_month };
  GtkWidget *sentence =
      g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                    PANGO_WRAP_WORD_CHAR, "accessible-role", GTK_ACCESSIBLE_ROLE_HEADING, NULL);
  LwPhase phase = view->value ? view->value->phase : LW_PHASE_NEW;
  const char *style, *word;

  gtk_accessible_update_property (GTK_ACCESSIBLE (sentence), GTK_ACCESSIBLE_PROPERTY_LEVEL, 1, -1);
  gtk_widget_add_css_class (sentence, "lw-sentence");
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    lw_label_keep_together (sentence, whole[i]);
  gtk_box_append (GTK_BOX (box), sentence);

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (pills), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (pills), 6);
  if (view->findings)
    {
      LwRiskReasons reasons;
      LwRisk risk = lw_request_risk (view->request, view->findings, view->now, &reasons);
      g_autofree char *why = lw_words_risk_reasons (reasons);
      GtkWidget *pill;

      word = lw_words_risk (risk, &style);
      pill = lw_pill_new (word, style);
      gtk_widget_set_tooltip_text (pill, why);
      adw_wrap_box_append (ADW_WRAP_BOX (pills), pill);
    }
  adw_wrap_box_append (ADW_WRAP_BOX (pills),
                       lw_pill_new (lw_words_category (view->request->category), "neutral"));
  word = lw_words_phase (phase, &style);
  adw_wrap_box_append (ADW_WRAP_BOX (pills), lw_pill_new (word, style));
  if (view->value && view->value->revision > 1)
    {
      g_autofree char *revision = g_strdup_printf (_ ("Revision %u"), view->value->revision);

      adw_wrap_box_append (ADW_WRAP_BOX (pills), lw_pill_new (revision, "neutral"));
    }
  if (view->request->emergency)
    adw_wrap_box_append (ADW_WRAP_BOX (pills), lw_pill_new (_ ("Emergency"), "error"));
  gtk_box_append (GTK_BOX (box), pills);
  return box;
}

static GtkWidget *
fact_new (const char *caption, const char *value, const char *line, const char *line_style)
{
  GtkWidget *label = lw_text_new (value);
  GtkWidget *box = lw_field_new_for (caption, label);

  gtk_widget_add_css_class (label, "heading");
  if (line && *line)
    {
      GtkWidget *below = lw_caption_new (line);

      if (line_style)
        {
          gtk_widget_remove_css_class (below, "dimmed");
          gtk_widget_add_css_class (below, line_style);
        }
      gtk_box_append (GTK_BOX (box), below);
    }
  return box;
}

/* "2 definitions" over the policy's name; a single policy is its name alone. */
static GtkWidget *
policy_fact_new (const LwDecisionView *view)
{
  g_autofree char *value = NULL;
  const LwGrant *first;
  g_autofree char *name = NULL;

  if (view->request->grants->len == 0)
    return fact_new (_ ("Policy"), _ ("None yet"), NULL, NULL);
  first = g_ptr_array_index (view->request->grants, 0);
  name = first->policy_name && *first->policy_name
             ? g_strdup (first->policy_name)
             : lw_arm_id_name (first->assignment ? first->assignment : "");
  if (first->references->len > 0)
    {
      guint n = first->references->len;

      value = g_strdup_printf (ngettext ("%u definition", "%u definitions", n), n);
      return fact_new (_ ("Policy"), value, name, NULL);
    }
  return fact_new (_ ("Policy"), name, NULL, NULL);
}

GtkWidget *
lw_decision_facts_new (const LwDecisionView *view)
{
  GtkWidget *card = lw_columns_new (440, 18, 12);
  const LwGrant *first =
      view->request->grants->len ? g_ptr_array_index (view->request->grants, 0) : NULL;
  g_autofree char *scope = lw_words_request_scope (view->hierarchy, view->request, FALSE);
  g_autofree char *path = first && first->scope && *first->scope
                              ? lw_workspace_scope_path (view->workspace, first->scope)
                              : NULL;
  g_autofree char *day = lw_words_day (view->request->expires);
  gboolean too_long;
  g_autofree char *ends = lw_words_ends (view->request, view->rules, view->now, &too_long);

  lw_columns_append (LW_COLUMNS (card), fact_new (_ ("Scope"), scope, path, NULL), 1);
  lw_columns_append (LW_COLUMNS (card), policy_fact_new (view), 1);
  lw_columns_append (LW_COLUMNS (card), fact_new (_ ("Ends"), day, ends, too_long ? "error" : NULL),
                     1);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "lw-card-body");
  return card;
}

GtkWidget *
lw_decision_flags_new (const LwDecisionView *view)
{
  GtkWidget *box;

  if (!view->value || view->value->flags->len == 0)
    return NULL;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  for (guint i = 0; i < view->value->flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (view->value->flags, i);
      g_autofree char *text =
          flag->seq ? g_strdup_printf (_ ("The record is not in order at entry %u: %s"), flag->seq,
                                       flag->message)
                    : g_strdup_printf (_ ("The record is not in order: %s"), flag->message);

      gtk_box_append (GTK_BOX (box), lw_note_new ("dialog-error-symbolic", text, "error"));
    }
  return box;
}

static GtkWidget *
finding_row_new (const LwFinding *finding)
{
  static const struct
  {
    const char *icon;
    const char *style;
    const char *word;
  } severities[] = {
    [LW_SEVERITY_BLOCKER] = { "dialog-error-symbolic", "error", N_ ("Blocker") },
    [LW_SEVERITY_WARNING] = { "dialog-warning-symbolic", "warning", N_ ("Warning") },
    [LW_SEVERITY_ADVICE] = { "dialog-information-symbolic", "accent", N_ ("Advice") },
  };
  GtkWidget *row = adw_action_row_new ();
  guint i = (guint) finding->severity < G_N_ELEMENTS (severities) ? finding->severity
                                                                  : LW_SEVERITY_WARNING;

  plain_row (row, finding->message, finding->hint);
  adw_action_row_add_prefix (
      ADW_ACTION_ROW (row),
      meaning_icon_new (severities[i].icon, severities[i].style, _ (severities[i].word)));
  return row;
}

GtkWidget *
lw_decision_findings_new (const LwDecisionView *view)
{
  GtkWidget *section, *list;

  if (!view->findings)
    return NULL;
  section = lw_section_new (_ ("Findings"), NULL);
  list = lw_boxed_list_new (_ ("Findings"));
  for (guint i = 0; i < view->findings->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         finding_row_new (g_ptr_array_index (view->findings, i)));
  if (view->findings->len == 0)
    {
      GtkWidget *row = adw_action_row_new ();

      plain_row (row, _ ("Nothing found"), _ ("Every field is filled in and within the rules"));
      adw_action_row_add_prefix (
          ADW_ACTION_ROW (row), meaning_icon_new ("object-select-symbolic", "success", _ ("Good")));
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_box_append (GTK_BOX (section), list);
  return section;
}

GtkWidget *
lw_decision_changes_new (const LwDecisionView *view)
{
  g_autoptr (GPtrArray) changes = NULL;
  g_autofree char *title = NULL;
  GtkWidget *section, *list;

  if (!view->previous)
    return NULL;
  changes = lw_words_changes (view->hierarchy, view->previous, view->request);
  if (changes->len == 0)
    return NULL;
  title = g_strdup_printf (_ ("Changed Since Revision %u"), view->value->revision - 1);
  section = lw_section_new (title, NULL);
  list = lw_boxed_list_new (title);
  for (guint i = 0; i < changes->len; i++)
    {
      GtkWidget *row = adw_action_row_new ();

      plain_row (row, g_ptr_array_index (changes, i), NULL);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_box_append (GTK_BOX (section), list);
  return section;
}

/* The worksheet inside an expander: padded, not activatable. */
static void
expander_add_body (GtkWidget *expander, GtkWidget *body)
{
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_widget_add_css_class (body, "lw-card-body");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), body);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), row);
  /* The row that is in the list says nothing of itself, only the header in it does. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (expander)),
                                  -1);
}

static char *
references_text (const LwGrant *grant)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < grant->references->len; i++)
    {
      const char *reference = g_ptr_array_index (grant->references, i);
      const char *effect =
          grant->policy ? g_hash_table_lookup (grant->policy->effects, reference) : NULL;

      g_string_append_printf (text, "%s%s", i ? "\n" : "", reference);
      if (effect && *effect)
        g_string_append_printf (text, " (%s)", effect);
    }
  if (text->len == 0 && grant->policy)
    {
      const char *effect = g_hash_table_lookup (grant->policy->effects, "");

      g_string_append (text, effect && *effect ? effect : "");
    }
  return g_string_free (text, FALSE);
}

static GtkWidget *
grant_row_new (const LwDecisionView *view, const LwGrant *grant)
{
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  g_autofree char *name = lw_words_scope_name (view->hierarchy, grant->scope);
  g_autofree char *policy = lw_words_grant_policy (grant);
  g_autofree char *first = g_utf8_strup (policy, g_utf8_next_char (policy) - policy);
  g_autofree char *subtitle = g_strconcat (first, g_utf8_next_char (policy), NULL);
  g_autofree char *references = references_text (grant);
  GtkWidget *icon = gtk_image_new_from_icon_name (lw_scope_icon (grant->scope));

  plain_row (row, name, subtitle);
  gtk_widget_add_css_class (icon, "dimmed");
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), icon);
  gtk_box_append (GTK_BOX (body), lw_field_new (_ ("Scope"), grant->scope));
  gtk_box_append (GTK_BOX (body), lw_field_new (_ ("Assignment"), grant->assignment));
  if (*references)
    gtk_box_append (
        GTK_BOX (body),
        lw_field_new (grant->references->len ? _ ("Definitions, with their effect") : _ ("Effect"),
                      references));
  if (grant->why && *grant->why)
    gtk_box_append (GTK_BOX (body), lw_field_new (_ ("Why it is not narrower"), grant->why));
  if (json_array_get_length (grant->selectors) > 0)
    {
      g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), grant->selectors);
      g_autofree char *text = lw_json_pretty (node);

      gtk_box_append (GTK_BOX (body), lw_code_new (_ ("Only for"), text));
    }
  expander_add_body (row, body);
  return row;
}

GtkWidget *
lw_decision_grants_new (const LwDecisionView *view)
{
  GtkWidget *section, *list;

  if (view->request->grants->len == 0)
    return NULL;
  section = lw_section_new (_ ("Scope and Policy"), NULL);
  list = lw_boxed_list_new (_ ("Scope and policy"));
  for (guint i = 0; i < view->request->grants->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         grant_row_new (view, g_ptr_array_index (view->request->grants, i)));
  gtk_box_append (GTK_BOX (section), list);
  return section;
}

static GtkWidget *
reason_field_new (const char *caption,
                  const LwDecisionView *view,
                  const char *before,
                  const char *after)
{
  if (!after || !*after)
    return lw_field_new (caption, NULL);
  return lw_field_new_for (
      caption, lw_diff_label_new (view->previous ? (before ? before : "") : NULL, after));
}

GtkWidget *
lw_decision_reason_new (const LwDecisionView *view)
{
  const LwReason *now = view->request->reason;
  const LwReason *before = view->previous ? view->previous->reason : NULL;
  g_autofree char *since =
      before ? g_strdup_printf (_ ("Changes since revision %u"), view->value->revision - 1) : NULL;
  g_autofree char *day = now->end_state_by ? lw_words_day (now->end_state_by) : NULL;
  g_autofree char *end = day ? g_strdup_printf (_ ("What it will be by %s"), day) : NULL;
  GtkWidget *section = lw_section_new (_ ("Reason"), since ? lw_caption_new (since) : NULL);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_box_append (GTK_BOX (card), reason_field_new (_ ("What is blocked"), view,
                                                    before ? before->blocker : NULL, now->blocker));
  gtk_box_append (GTK_BOX (card), reason_field_new (_ ("What the policy protects"), view,
                                                    before ? before->control : NULL, now->control));
  gtk_box_append (GTK_BOX (card),
                  reason_field_new (_ ("Why it cannot be met now"), view,
                                    before ? before->impractical : NULL, now->impractical));
  gtk_box_append (GTK_BOX (card),
                  reason_field_new (end ? end : _ ("What it will be"), view,
                                    before ? before->end_state : NULL, now->end_state));
  if (view->request->ticket && *view->request->ticket)
    gtk_box_append (GTK_BOX (card), lw_field_new (_ ("Ticket"), view->request->ticket));
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "lw-card-body");
  gtk_box_append (GTK_BOX (section), card);
  return section;
}

/* Only web links are opened; anything else is shown as the text that it is. (nullable) */
static GtkWidget *
link_new (const char *link)
{
  g_autoptr (GUri) uri = link && *link ? g_uri_parse (link, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *scheme = uri ? g_uri_get_scheme (uri) : NULL;
  GtkWidget *button, *label;

  if (!link || !*link)
    return NULL;
  if (!uri || !g_uri_get_host (uri) ||
      (g_ascii_strcasecmp (scheme, "https") != 0 && g_ascii_strcasecmp (scheme, "http") != 0))
    {
      label = lw_text_new (link);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      return label;
    }
  button = gtk_link_button_new (link);
  label = gtk_label_new (g_uri_get_host (uri));
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, link);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "lw-link");
  return button;
}

GtkWidget *
lw_decision_plan_new (const LwDecisionView *view)
{
  GtkWidget *section, *list;

  if (view->request->remediation->len == 0)
    return NULL;
  section = lw_section_new (_ ("Plan"), NULL);
  list = lw_boxed_list_new (_ ("Plan"));
  for (guint i = 0; i < view->request->remediation->len; i++)
    {
      const LwRemediation *step = g_ptr_array_index (view->request->remediation, i);
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *link = link_new (step->link);
      g_autofree char *day = step->by ? lw_words_day (step->by) : NULL;
      g_autofree char *by = day ? g_strdup_printf (_ ("By %s"), day) : NULL;

      plain_row (row, step->step, by);
      if (link)
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), link);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_box_append (GTK_BOX (section), list);
  return section;
}

static void
append_pair (GtkWidget *body,
             const char *caption,
             const char *text,
             const char *caption2,
             const char *text2)
{
  GtkWidget *columns = lw_columns_new (340, 18, 12);

  lw_columns_append (LW_COLUMNS (columns), lw_field_new (caption, text), 1);
  lw_columns_append (LW_COLUMNS (columns), lw_field_new (caption2, text2), 1);
  gtk_box_append (GTK_BOX (body), columns);
}

static GtkWidget *
evidence_new (const LwDecisionView *view, GPtrArray *evidence)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (guint i = 0; i < evidence->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (evidence, i);
      GtkWidget *child = item->link ? link_new (item->link) : NULL;

      if (!child && item->sha256)
        child = lw_evidence_row_new (view->workspace, view->request->id, item, FALSE);

      if (child)
        gtk_box_append (GTK_BOX (box), child);
    }
  return lw_field_new_for (_ ("Evidence"), box);
}

static GtkWidget *
control_row_new (const LwDecisionView *view, const LwControl *control)
{
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name (lw_control_kind_icon (control->kind));
  const char *kind = lw_control_kind_title (control->kind);
  g_autofree char *day = control->next_check ? lw_words_day (control->next_check) : NULL;
  g_autofree char *check =
      control->checked_by && day
          ? g_strdup_printf (_ ("%s checks it on %s"), lw_words_person (control->checked_by), day)
      : day ? g_strdup_printf (_ ("Next check on %s"), day)
      : control->checked_by
          ? g_strdup_printf (_ ("%s checks it"), lw_words_person (control->checked_by))
          : g_strdup (_ ("Nobody checks it"));
  g_autofree char *subtitle = g_strdup_printf ("%s. %s", kind, check);

  plain_row (row, control->objective && *control->objective ? control->objective : kind, subtitle);
  adw_expander_row_set_title_lines (ADW_EXPANDER_ROW (row), 2);
  gtk_widget_add_css_class (icon, "dimmed");
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), icon);
  append_pair (body, _ ("Objective"), control->objective, _ ("What is done"), control->definition);
  append_pair (body, _ ("Residual risk"), control->residual_risk, _ ("How it is validated"),
               control->validation);
  append_pair (body, _ ("How it is kept up"), control->maintenance, _ ("Who checks it, and when"),
               check);
  if (control->evidence->len > 0)
    gtk_box_append (GTK_BOX (body), evidence_new (view, control->evidence));
  expander_add_body (row, body);
  return row;
}

GtkWidget *
lw_decision_controls_new (const LwDecisionView *view)
{
  GtkWidget *section = lw_section_new (_ ("Compensating Controls"), NULL);
  GtkWidget *list = lw_boxed_list_new (_ ("Compensating controls"));

  for (guint i = 0; i < view->request->controls->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         control_row_new (view, g_ptr_array_index (view->request->controls, i)));
  if (view->request->controls->len == 0)
    {
      GtkWidget *row = adw_action_row_new ();

      plain_row (row, _ ("None"), _ ("Nothing protects it meanwhile"));
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_box_append (GTK_BOX (section), list);
  if (view->request->evidence->len > 0)
    {
      GtkWidget *card = evidence_new (view, view->request->evidence);

      gtk_widget_add_css_class (card, "card");
      gtk_widget_add_css_class (card, "lw-card-body");
      gtk_box_append (GTK_BOX (section), card);
    }
  return section;
}
