/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-parts.h"

#include <glib/gi18n-lib.h>

#include "lw-case-talk.h"
#include "lw-decision-words.h"
#include "lw-grant-write.h"
#include "lw-json.h"
#include "lw-widgets.h"

GtkWidget *
lw_decision_people_new (const LwDecisionView *view)
{
  GtkWidget *section = lw_section_new (_ ("People"), NULL);
  const LwPerson *requester = view->request->requester;
  const LwPerson *owner = view->request->owner;

  if (requester && owner && lw_person_equal (requester, owner))
    {
      gtk_box_append (
          GTK_BOX (section),
          lw_person_row_new (lw_words_person (owner), _ ("Asks, and owns it until it ends"), NULL));
      return section;
    }
  if (requester)
    gtk_box_append (GTK_BOX (section),
                    lw_person_row_new (lw_words_person (requester), _ ("Asks"), NULL));
  gtk_box_append (GTK_BOX (section), lw_person_row_new (lw_words_person (owner),
                                                        owner ? _ ("Owns it until it ends")
                                                              : _ ("Owns it: an owner is missing"),
                                                        NULL));
  return section;
}

static GtkWidget *
approval_row_new (const LwDecisionView *view, const LwApproval *approval)
{
  g_autofree char *when = approval->at ? lw_date_relative (approval->at, view->now) : NULL;
  g_autofree char *exact = approval->at ? lw_date_exact (approval->at) : NULL;
  g_autofree char *line = NULL;
  GtkWidget *icon, *row;

  if (approval->counts)
    line = g_strdup_printf (_ ("Approved %s"), when ? when : "");
  else if (!approval->sealed)
    line = g_strdup (_ ("Does not count: there is no seal for it"));
  else if (g_strcmp0 (approval->digest, view->value->digest) != 0)
    line = g_strdup (_ ("Approved an earlier revision"));
  else
    line = g_strdup (_ ("Does not count: not entitled"));
  icon = gtk_image_new_from_icon_name (approval->counts ? "object-select-symbolic"
                                                        : "dialog-warning-symbolic");
  gtk_widget_add_css_class (icon, approval->counts ? "success" : "warning");
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  approval->counts ? _ ("Counts") : _ ("Does not count"), -1);
  row = lw_person_row_new (lw_words_person (approval->by), line, icon);
  if (exact)
    gtk_widget_set_tooltip_text (row, exact);
  return row;
}

static char *
join_names (GPtrArray *people, const char *skip_oid, LwCase *value)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < people->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (people, i);

      if (!person->id || (skip_oid && g_ascii_strcasecmp (person->id, skip_oid) == 0) ||
          lw_case_has_approved (value, person->id))
        continue;
      g_string_append_printf (text, "%s%s", text->len ? ", " : "", lw_words_person (person));
    }
  return g_string_free (text, FALSE);
}

static gboolean
has_person (GPtrArray *people, const LwPerson *person)
{
  for (guint i = 0; person && i < people->len; i++)
    if (lw_person_equal (g_ptr_array_index (people, i), person))
      return TRUE;
  return FALSE;
}

/* A ring with a plus where the next approval goes. */
static GtkWidget *
still_needed_new (const char *title, const char *line)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *ring = gtk_image_new_from_icon_name ("list-add-symbolic");
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (ring, "lw-empty-avatar");
  gtk_widget_set_valign (ring, GTK_ALIGN_CENTER);
  gtk_accessible_update_state (GTK_ACCESSIBLE (ring), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words), lw_text_new (title));
  if (line && *line)
    gtk_box_append (GTK_BOX (words), lw_caption_new (line));
  gtk_box_append (GTK_BOX (box), ring);
  gtk_box_append (GTK_BOX (box), words);
  return box;
}

static GtkWidget *
needed_new (const LwDecisionView *view)
{
  const LwPerson *me = lw_session_get_person (lw_workspace_get_session (view->workspace));
  g_autoptr (GPtrArray) people = NULL;
  g_autofree char *others = NULL;
  g_autofree char *line = NULL;
  gboolean mine;

  if (!view->rules)
    return NULL;
  people = lw_rules_independent_approvers (view->rules, view->request, view->hierarchy);
  mine = has_person (people, me) && !lw_case_has_approved (view->value, me->id);
  others = join_names (people, me ? me->id : NULL, view->value);
  if (!mine && !*others)
    return lw_note_new ("dialog-error-symbolic",
                        _ ("The rules name nobody else who could approve this."), "error");
  if (!mine)
    return still_needed_new (others, _ ("Can approve it"));
  line = *others ? g_strdup_printf (_ ("or %s"), others) : NULL;
  return still_needed_new (_ ("You"), line);
}

GtkWidget *
lw_decision_sign_off_new (const LwDecisionView *view)
{
  g_autofree char *count = NULL;
  GtkWidget *section, *needed;

  if (!view->value || view->value->phase == LW_PHASE_NEW)
    return NULL;
  /* Translators: approvals that count, of those needed */
  count = g_strdup_printf (_ ("%u of %u"), view->value->approvals_counting,
                           view->value->approvals_needed);
  section = lw_section_new (_ ("Sign-Off"), lw_caption_new (count));
  for (guint i = 0; i < view->value->approvals->len; i++)
    gtk_box_append (GTK_BOX (section),
                    approval_row_new (view, g_ptr_array_index (view->value->approvals, i)));
  if (view->value->phase == LW_PHASE_PENDING &&
      view->value->approvals_counting < view->value->approvals_needed &&
      (needed = needed_new (view)))
    gtk_box_append (GTK_BOX (section), needed);
  return section;
}

GtkWidget *
lw_decision_right_new (const LwDecisionView *view)
{
  gboolean pending = view->value && view->value->phase == LW_PHASE_PENDING;

  if (!view->right_shown)
    return NULL;
  if (!view->right_known)
    return lw_note_new ("content-loading-symbolic",
                        _ ("Asking Azure whether you may write exemptions here…"), "accent");
  switch (view->right)
    {
    case LW_RIGHT_YES:
      return lw_note_new (
          "object-select-symbolic",
          pending ? _ ("Your approval counts, and you may create the exemption in Azure.")
                  : _ ("You may create the exemption in Azure."),
          "success");
    case LW_RIGHT_NO:
      return lw_note_new ("dialog-information-symbolic",
                          pending
                              ? _ ("Your approval counts. You lack the right to write exemptions "
                                   "here, so somebody with Resource Policy Contributor has to "
                                   "create it.")
                              : _ ("You lack the right to write exemptions here. Somebody with "
                                   "Resource Policy Contributor has to create it."),
                          "accent");
    case LW_RIGHT_UNKNOWN:
    default:
      return lw_note_new ("dialog-information-symbolic",
                          pending
                              ? _ ("Your approval counts. Azure does not say whether you may write "
                                   "exemptions here; it will when you try.")
                              : _ ("Azure does not say whether you may write exemptions here; it "
                                   "will when you try."),
                          "accent");
    }
}

/* The body of the PUT as Leeway would send it now. */
static char *
preview_grant (const LwDecisionView *view, const LwGrant *grant, GError **error)
{
  const LwPerson *me = lw_session_get_person (lw_workspace_get_session (view->workspace));
  g_autofree char *approved_by = view->value ? lw_case_approved_by (view->value) : NULL;
  GDateTime *approved_on = view->value ? lw_case_approved_on (view->value) : NULL;
  g_autofree char *digest = view->value && view->value->digest
                                ? g_strdup (view->value->digest)
                                : lw_request_digest (view->request, error);
  g_autoptr (JsonNode) body = NULL;

  if (!digest)
    return NULL;
  if (!approved_by || !*approved_by)
    {
      g_free (approved_by);
      approved_by = g_strdup (view->value && me && me->upn ? me->upn : _ ("whoever approves it"));
    }
  if (!approved_on)
    approved_on = view->now;
  body = lw_grant_write (view->request, grant, view->value ? MAX (view->value->revision, 1) : 1,
                         digest, approved_by, approved_on, approved_on, NULL, error);
  return body ? lw_json_pretty (body) : NULL;
}

static GtkWidget *
grant_code_new (const LwDecisionView *view, const LwGrant *grant)
{
  JsonObject *result = view->value && view->value->results
                           ? g_hash_table_lookup (view->value->results, GUINT_TO_POINTER (grant->n))
                           : NULL;
  g_autofree char *id =
      grant->scope && *grant->scope ? lw_grant_exemption_id (view->request, grant) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!id)
    return lw_note_new ("dialog-information-symbolic", _ ("It has no scope yet."), "accent");
  if (result)
    {
      g_autoptr (JsonNode) node = lw_json_object_to_node (result);

      text = lw_json_pretty (node);
    }
  else
    text = preview_grant (view, grant, &error);
  if (!text)
    return lw_note_new ("dialog-error-symbolic", error->message, "error");
  return lw_code_new (id, text);
}

/* What Azure said when it refused the grant the last time. (nullable) */
static GtkWidget *
failure_new (const LwDecisionView *view, const LwGrant *grant)
{
  JsonObject *failure =
      view->value ? g_hash_table_lookup (view->value->failures, GUINT_TO_POINTER (grant->n)) : NULL;
  const char *code = lw_json_get_string (failure, "code");
  const char *message = lw_json_get_string (failure, "message");
  g_autofree char *text = NULL;

  if (!failure)
    return NULL;
  /* Translators: Azure's error code, then its message */
  text = g_strdup_printf (_ ("Azure refused it the last time (%s): %s"), code ? code : "?",
                          message ? message : "");
  return lw_note_new ("dialog-error-symbolic", text, "error");
}

GtkWidget *
lw_decision_azure_new (const LwDecisionView *view)
{
  gboolean applied =
      view->value && view->value->results && g_hash_table_size (view->value->results) > 0;
  GtkWidget *section, *box;

  if (view->request->grants->len == 0)
    return NULL;
  section = lw_section_new (applied ? _ ("What Azure Answered") : _ ("What Azure Will Get"), NULL);
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  if (!applied)
    gtk_box_append (
        GTK_BOX (box),
        lw_caption_new (_ ("Everyone who may read here sees this. The reason in full and "
                           "the controls stay in the ledger.")));
  for (guint i = 0; i < view->request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (view->request->grants, i);
      GtkWidget *failure = failure_new (view, grant);

      if (failure)
        gtk_box_append (GTK_BOX (box), failure);
      gtk_box_append (GTK_BOX (box), grant_code_new (view, grant));
    }
  gtk_box_append (GTK_BOX (section), box);
  return section;
}

static GtkWidget *
event_row_new (const LwDecisionView *view, const LwEvent *event)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = lw_words_event (event);
  g_autofree char *when = event->at ? lw_date_relative (event->at, view->now) : NULL;
  g_autofree char *exact = event->at ? lw_date_exact (event->at) : NULL;
  const char *comment = lw_words_event_comment (event);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), comment ? comment : "");
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), comment != NULL);
  if (when)
    {
      GtkWidget *label = lw_caption_new (when);

      gtk_label_set_wrap (GTK_LABEL (label), FALSE);
      gtk_widget_set_tooltip_text (label, exact);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
    }
  return row;
}

GtkWidget *
lw_decision_history_new (const LwDecisionView *view)
{
  GtkWidget *section, *list;

  if (!view->value || view->value->events->len == 0)
    return NULL;
  section = lw_section_new (_ ("History"), NULL);
  list = lw_boxed_list_new (_ ("History"));
  for (guint i = view->value->events->len; i-- > 0;)
    {
      const LwEvent *event = g_ptr_array_index (view->value->events, i);
      GtkWidget *files = lw_event_files_row_new (view->workspace, event);

      gtk_list_box_append (GTK_LIST_BOX (list), event_row_new (view, event));
      if (files)
        gtk_list_box_append (GTK_LIST_BOX (list), files);
    }
  gtk_box_append (GTK_BOX (section), list);
  return section;
}
