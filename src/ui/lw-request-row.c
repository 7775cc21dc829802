/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-request-row.h"

#include <glib/gi18n-lib.h>

#include "lw-form.h"
#include "lw-widgets.h"

#define SOON_DAYS 14

struct _LwRequestRow
{
  AdwBin parent_instance;

  LwWorkspace *workspace;
  gboolean narrow;
  char *label;
  GtkWidget *title;
  GtkWidget *subtitle;
  GtkWidget *pill;
  GtkWidget *low_pill;
};

typedef enum
{
  PROP_NARROW = 1,
  PROP_LABEL
} LwRequestRowProperty;

static GParamSpec *properties[PROP_LABEL + 1];

G_DEFINE_FINAL_TYPE (LwRequestRow, lw_request_row, ADW_TYPE_BIN)

static void
set_narrow (LwRequestRow *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  gtk_widget_set_visible (self->pill, !narrow);
  gtk_widget_set_visible (self->low_pill, narrow);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static void
lw_request_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwRequestRow *self = LW_REQUEST_ROW (object);

  switch ((LwRequestRowProperty) id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_request_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LwRequestRow *self = LW_REQUEST_ROW (object);

  switch ((LwRequestRowProperty) id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;
    case PROP_LABEL:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_request_row_finalize (GObject *object)
{
  LwRequestRow *self = LW_REQUEST_ROW (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->label, g_free);
  G_OBJECT_CLASS (lw_request_row_parent_class)->finalize (object);
}

static void
lw_request_row_class_init (LwRequestRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lw_request_row_get_property;
  object_class->set_property = lw_request_row_set_property;
  object_class->finalize = lw_request_row_finalize;
  properties[PROP_NARROW] =
      g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_LABEL] =
      g_param_spec_string ("label", NULL, NULL, NULL,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static GtkWidget *
wrapping_label (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (GTK_LABEL (label), 2);
  return label;
}

static void
lw_request_row_init (LwRequestRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  self->title = wrapping_label ();
  self->subtitle = wrapping_label ();
  gtk_widget_add_css_class (self->subtitle, "subtitle");
  gtk_widget_add_css_class (self->subtitle, "dimmed");
  gtk_widget_add_css_class (self->title, "title");
  self->pill = lw_pill_new ("", "neutral");
  self->low_pill = lw_pill_new ("", "neutral");
  gtk_widget_set_margin_top (self->low_pill, 4);
  gtk_widget_set_visible (self->low_pill, FALSE);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->subtitle);
  gtk_box_append (GTK_BOX (texts), self->low_pill);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), self->pill);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_accessible_update_state (GTK_ACCESSIBLE (arrow), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_add_css_class (arrow, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-request-row");
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
fill (LwRequestRow *self,
      const char *title,
      const char *subtitle,
      const char *pill,
      const char *style)
{
  g_autofree char *label =
      *pill != '\0' ? g_strdup_printf ("%s, %s", title, pill) : g_strdup (title);

  lw_label_set_unbroken (GTK_LABEL (self->title), title);
  lw_label_set_unbroken (GTK_LABEL (self->subtitle), subtitle);
  lw_pill_set (self->pill, pill, style);
  lw_pill_set (self->low_pill, pill, style);
  if (g_set_str (&self->label, label))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
}

char *
lw_request_scope_summary (LwWorkspace *workspace, const LwRequest *request)
{
  const char *first = NULL;
  g_autofree char *group = NULL;
  guint n = 0;
  gboolean same_group = TRUE;

  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);
      g_autofree char *its_group = NULL;

      if (grant->scope == NULL || *grant->scope == '\0')
        continue;
      its_group = lw_arm_id_resource_group (grant->scope);
      if (n == 0)
        {
          first = grant->scope;
          group = g_steal_pointer (&its_group);
        }
      else if (g_strcmp0 (group, its_group) != 0)
        same_group = FALSE;
      n++;
    }
  if (n == 0)
    return g_strdup (_ ("No scope chosen yet"));
  if (n == 1 && lw_scope_kind (first) == LW_SCOPE_RESOURCE && group != NULL)
    {
      g_autofree char *name = lw_arm_id_name (first);

      /* Translators: a resource, and the resource group that it is in */
      return g_strdup_printf (_ ("%s in %s"), name, group);
    }
  if (n == 1)
    return lw_workspace_scope_title (workspace, first);
  if (same_group && group != NULL && lw_scope_kind (first) == LW_SCOPE_RESOURCE)
    return g_strdup_printf (ngettext ("%u resource in %s", "%u resources in %s", n), n, group);
  return g_strdup_printf (ngettext ("%u scope", "%u scopes", n), n);
}

guint
lw_request_open_step (LwWorkspace *workspace, const LwRequest *request)
{
  LwSession *session = lw_workspace_get_session (workspace);
  g_autoptr (GDateTime) now = lw_session_now (session);
  const LwAssessContext context = { .now = now,
                                    .rules = lw_session_get_rules (session),
                                    .hierarchy = lw_session_get_hierarchy (session) };
  g_autoptr (GPtrArray) findings = lw_assess (request, &context);
  guint step = 5;

  for (guint i = 0; i < findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity == LW_SEVERITY_BLOCKER)
        step = MIN (step, lw_form_step_of (finding));
    }
  return step + 1;
}

static GDateTime *
expiry_of (LwCase *value)
{
  if (value->content == NULL || value->content->expires == NULL)
    return NULL;
  return lw_instant_parse (value->content->expires, NULL);
}

char *
lw_case_pill (LwWorkspace *workspace, LwCase *value, const char **style)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (workspace));
  g_autoptr (GDateTime) expires = NULL;
  gint64 days;

  *style = "neutral";
  switch (value->phase)
    {
    case LW_PHASE_PENDING:
      *style = "accent";
      if (value->approvals_needed > 1)
        return g_strdup_printf (
            ngettext ("%u of %u Approval", "%u of %u Approvals", value->approvals_needed),
            value->approvals_counting, value->approvals_needed);
      return g_strdup (_ ("In Review"));
    case LW_PHASE_CHANGES_REQUESTED:
      *style = "warning";
      return g_strdup (_ ("Changes Requested"));
    case LW_PHASE_REJECTED:
      *style = "error";
      return g_strdup (_ ("Rejected"));
    case LW_PHASE_WITHDRAWN:
      return g_strdup (_ ("Withdrawn"));
    case LW_PHASE_APPROVED:
      *style = "accent";
      return g_strdup (_ ("To Apply"));
    case LW_PHASE_APPLYING:
      *style = "accent";
      return g_strdup (_ ("Applying"));
    case LW_PHASE_PARTLY_APPLIED:
      *style = "warning";
      return g_strdup (_ ("Partly Applied"));
    case LW_PHASE_APPLY_FAILED:
      *style = "error";
      return g_strdup (_ ("Not Applied"));
    case LW_PHASE_RETIRING:
      return g_strdup (_ ("Retiring"));
    case LW_PHASE_RETIRED:
      return g_strdup (_ ("Retired"));
    case LW_PHASE_APPLIED:
      expires = expiry_of (value);
      if (expires == NULL)
        return g_strdup (_ ("In Force"));
      if (g_date_time_compare (expires, now) <= 0)
        return g_strdup (_ ("Expired"));
      days = g_date_time_difference (expires, now) / G_TIME_SPAN_DAY;
      if (days <= SOON_DAYS)
        *style = "warning";
      if (days == 0)
        return g_strdup (_ ("Ends Today"));
      return g_strdup_printf (ngettext ("%d Day Left", "%d Days Left", (gulong) days), (int) days);
    case LW_PHASE_NEW:
    default:
      return g_strdup (_ ("Unreadable"));
    }
}

static const char *
person_name (const LwPerson *person)
{
  if (person == NULL)
    return _ ("somebody");
  return person->name != NULL ? person->name : person->upn != NULL ? person->upn : "";
}

static char *
case_subtitle (LwWorkspace *workspace, LwCase *value)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (workspace));
  g_autoptr (GDateTime) expires = expiry_of (value);
  g_autofree char *ends = expires != NULL ? lw_date_day (expires) : g_strdup ("–");
  g_autofree char *scope =
      value->content != NULL ? lw_request_scope_summary (workspace, value->content) : g_strdup ("");
  g_autofree char *when = NULL;
  g_autofree char *by = NULL;

  switch (value->phase)
    {
    case LW_PHASE_CHANGES_REQUESTED:
    case LW_PHASE_REJECTED:
    case LW_PHASE_WITHDRAWN:
      if (value->last_decision == NULL)
        return g_steal_pointer (&scope);
      when = lw_date_relative (value->last_decision->at, now);
      if (value->phase == LW_PHASE_CHANGES_REQUESTED)
        return g_strdup_printf (_ ("Changes requested by %s, %s"),
                                person_name (value->last_decision->by), when);
      if (value->phase == LW_PHASE_REJECTED)
        return g_strdup_printf (_ ("Rejected by %s, %s"), person_name (value->last_decision->by),
                                when);
      return g_strdup_printf (_ ("Withdrawn by %s, %s"), person_name (value->last_decision->by),
                              when);
    case LW_PHASE_PENDING:
      if (value->submitted == NULL)
        return g_steal_pointer (&scope);
      when = lw_date_relative (value->submitted, now);
      return g_strdup_printf (_ ("Submitted %s, ends on %s"), when, ends);
    case LW_PHASE_APPROVED:
      return g_strdup_printf (_ ("Approved, waits for somebody to apply it in Azure"));
    case LW_PHASE_PARTLY_APPLIED:
    case LW_PHASE_APPLY_FAILED:
      return g_strdup_printf (_ ("Azure refused; %s can try again"), person_name (value->applier));
    case LW_PHASE_APPLIED:
    case LW_PHASE_RETIRING:
      return g_strdup_printf (_ ("%s, until %s"), scope, ends);
    case LW_PHASE_NEW:
    case LW_PHASE_APPLYING:
    case LW_PHASE_RETIRED:
    default:
      return g_steal_pointer (&scope);
    }
}

void
lw_request_row_set_case (LwRequestRow *self, LwCase *value)
{
  const char *title;
  const char *style;
  g_autofree char *pill = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *exact = NULL;

  g_return_if_fail (LW_IS_REQUEST_ROW (self));
  if (value == NULL)
    {
      fill (self, _ ("Reading…"), "", "", "neutral");
      gtk_widget_set_tooltip_text (self->subtitle, NULL);
      return;
    }
  title = value->content != NULL ? value->content->title : NULL;
  pill = lw_case_pill (self->workspace, value, &style);
  subtitle = case_subtitle (self->workspace, value);
  fill (self, title != NULL && *title != '\0' ? title : _ ("Untitled Request"), subtitle, pill,
        style);
  exact = value->changed != NULL ? lw_date_exact (value->changed) : NULL;
  gtk_widget_set_tooltip_text (self->subtitle, exact);
}

void
lw_request_row_set_draft (LwRequestRow *self, const LwRequest *request)
{
  LwGrant *grant;
  const char *policy;
  g_autofree char *pill = NULL;

  g_return_if_fail (LW_IS_REQUEST_ROW (self));
  g_return_if_fail (request != NULL);
  grant = request->grants->len > 0 ? g_ptr_array_index (request->grants, 0) : NULL;
  policy = grant != NULL ? grant->policy_name : NULL;
  pill = g_strdup_printf (_ ("Step %u of %u"), lw_request_open_step (self->workspace, request), 6u);
  fill (self,
        request->title != NULL && *request->title != '\0' ? request->title : _ ("Untitled Draft"),
        policy != NULL && *policy != '\0' ? policy : _ ("No policy chosen yet"), pill, "neutral");
  gtk_widget_set_tooltip_text (self->subtitle, NULL);
}

GtkWidget *
lw_request_row_new (LwWorkspace *workspace)
{
  LwRequestRow *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_REQUEST_ROW, NULL);
  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

void
lw_request_row_set_edges (LwRequestRow *self, gboolean first, gboolean last)
{
  g_return_if_fail (LW_IS_REQUEST_ROW (self));
  set_class (GTK_WIDGET (self), "first", first);
  set_class (GTK_WIDGET (self), "last", last);
}
