/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-decision-parts.h"
#include "lw-decision-words.h"

#include <glib/gi18n-lib.h>

#include "lw-grant-write.h"
#include "lw-json.h"

/* What became of a grant: an icon, its style, a sentence. */
static char *
outcome_of (const LwCase *value, const LwGrant *grant, const char **icon, const char **style)
{
  gpointer key = GUINT_TO_POINTER (grant->n);
  JsonObject *failure = g_hash_table_lookup (value->failures, key);
  const char *code = lw_json_get_string (failure, "code");
  const char *message = lw_json_get_string (failure, "message");

  if (g_hash_table_contains (value->results, key))
    {
      *icon = "object-select-symbolic";
      *style = "success";
      return g_strdup (_ ("In Azure"));
    }
  if (failure)
    {
      *icon = "dialog-error-symbolic";
      *style = "error";
      /* Translators: Azure's error code, then its message */
      return g_strdup_printf (_ ("Not in Azure (%s): %s"), code ? code : "?",
                              message ? message : "");
    }
  *icon = "content-loading-symbolic";
  *style = "dimmed";
  return g_strdup (value->phase == LW_PHASE_APPLYING
                       ? _ ("Begun; Azure’s answer is not on record yet")
                       : _ ("Not tried yet"));
}

static GtkWidget *
row_new (const LwDecisionView *view, const LwGrant *grant)
{
  GtkWidget *row = adw_action_row_new ();
  const char *icon;
  const char *style;
  g_autofree char *outcome = outcome_of (view->value, grant, &icon, &style);
  g_autofree char *scope = lw_workspace_scope_title (view->workspace, grant->scope);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  gtk_widget_add_css_class (image, style);
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), scope);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), outcome);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  return row;
}

/* What there is to do about it, by whom. (nullable) */
static char *
advice_of (const LwDecisionView *view)
{
  const LwPerson *me = lw_session_get_person (lw_workspace_get_session (view->workspace));
  const LwPerson *applier = view->value->applier;
  guint done = g_hash_table_size (view->value->results);
  guint all = view->request->grants->len;

  if (view->value->phase == LW_PHASE_APPLYING && !lw_person_equal (applier, me))
    return g_strdup_printf (
        /* Translators: %s is a person’s name */
        _ ("%s has begun to create this in Azure, and has to finish it: Leeway does so when they "
           "start it again where they began."),
        applier && applier->name ? applier->name : _ ("Somebody else"));
  if (view->value->phase == LW_PHASE_APPLYING)
    return g_strdup (_ ("The record says that you have begun to create this in Azure, here or on "
                        "another machine. If you did, go on under To Review: what is there already "
                        "is left as it is."));
  return g_strdup_printf (
      ngettext ("%u of %u is in Azure. The approval is kept: going on creates what is missing and "
                "leaves the rest as it is.",
                "%u of %u are in Azure. The approval is kept: going on creates what is missing and "
                "leaves the rest as it is.",
                done),
      done, all);
}

GtkWidget *
lw_decision_result_new (const LwDecisionView *view)
{
  g_autofree char *advice = NULL;
  GtkWidget *section, *list;

  if (!view->value || !view->value->content ||
      (view->value->phase != LW_PHASE_APPLYING && view->value->phase != LW_PHASE_PARTLY_APPLIED &&
       view->value->phase != LW_PHASE_APPLY_FAILED))
    return NULL;
  section = lw_section_new (_ ("How Far It Came"), NULL);
  advice = advice_of (view);
  gtk_box_append (GTK_BOX (section), lw_text_new (advice));
  list = lw_boxed_list_new (_ ("How Far It Came"));
  for (guint i = 0; i < view->request->grants->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         row_new (view, g_ptr_array_index (view->request->grants, i)));
  gtk_box_append (GTK_BOX (section), list);
  return section;
}
