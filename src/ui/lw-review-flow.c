/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-review-flow.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-azure-error.h"
#include "lw-comment-dialog.h"
#include "lw-decision-words.h"
#include "lw-domain-error.h"
#include "lw-grant-write.h"
#include "lw-json.h"
#include "lw-ledger-error.h"
#include "lw-outbox-dialog.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwReviewFlow
{
  GObject parent_instance;
  LwWorkspace *workspace;
  GtkWidget *widget; /* weak */
  char *busy;
  LwCase *value; /* as it was seen */
  gboolean then_apply;
  GError *refusal;         /* what the verb said before the record is read again */
  LwEventKind kind;        /* of the comment being written */
  LwCommentDialog *dialog; /* weak */
  AdwAlertDialog *alert;   /* weak: whether to approve */
  GHashTable *texts;       /* "<kind> <request id>" → what was typed and not sent */
};

G_DEFINE_FINAL_TYPE (LwReviewFlow, lw_review_flow, G_TYPE_OBJECT)

typedef enum
{
  PROP_BUSY = 1
} LwReviewFlowProperty;
static GParamSpec *properties[PROP_BUSY + 1];
static guint moved_on_signal;

static LwSession *
session_of (LwReviewFlow *self)
{
  return lw_workspace_get_session (self->workspace);
}

static void
set_busy (LwReviewFlow *self, const char *busy)
{
  if (g_set_str (&self->busy, busy))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  if (busy && self->widget)
    gtk_accessible_announce (GTK_ACCESSIBLE (self->widget), busy,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
set_case (LwReviewFlow *self, LwCase *value)
{
  lw_case_ref (value);
  g_clear_pointer (&self->value, lw_case_unref);
  self->value = value;
}

static LwCase *
take_result (LwReviewFlow *self, const GValue *value)
{
  LwCase *result = g_value_get_boxed (value);

  set_case (self, result);
  lw_workspace_take_case (self->workspace, result);
  return result;
}

static void
tell (LwReviewFlow *self, const char *text)
{
  if (self->widget)
    lw_toast (self->widget, text);
}

static void
tell_moved_on (LwReviewFlow *self)
{
  g_signal_emit (self, moved_on_signal, 0);
}

/* Somebody was first, or the state no longer allows it: the record has to be read again. */
static gboolean
has_moved_on (const GError *error)
{
  return g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN) ||
         g_error_matches (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
}

/* "Ingrid Solberg requested changes 2 minutes ago." */
static char *
last_event_sentence (LwReviewFlow *self, LwCase *value)
{
  g_autoptr (GDateTime) now = lw_session_now (session_of (self));
  const LwEvent *last =
      value->events->len ? g_ptr_array_index (value->events, value->events->len - 1) : NULL;
  g_autofree char *what = last ? lw_words_event (last) : NULL;
  g_autofree char *when = last && last->at ? lw_date_relative (last->at, now) : NULL;

  if (!what)
    return g_strdup (_ ("The record of this request changed."));
  if (!when)
    return g_strdup_printf (_ ("%s."), what);
  /* Translators: who did what, when: "Ingrid Solberg rejected it 2 minutes ago." */
  return g_strdup_printf (_ ("%s %s."), what, when);
}

static void
show_moved_on (LwReviewFlow *self, LwCase *value)
{
  g_autofree char *what = last_event_sentence (self, value);
  AdwDialog *dialog;

  if (!self->widget)
    return;
  dialog = adw_alert_dialog_new (_ ("This Request Moved On"), NULL);
  adw_alert_dialog_format_body (
      ADW_ALERT_DIALOG (dialog),
      _ ("%s Nothing was recorded for you. What you see now is its newest "
         "state: look at it again before you decide."),
      what);
  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, self->widget);
}

static void
reloaded_after_approve (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;
  guint seen = self->value->last_seq;
  LwCase *result = value ? take_result (self, value) : NULL;

  set_busy (self, NULL);
  if (result && result->last_seq != seen)
    {
      tell_moved_on (self);
      show_moved_on (self, result);
    }
  else if (self->widget)
    lw_error_dialog (self->widget, _ ("Approval Not Recorded"), self->refusal);
}

static void
reload (LwReviewFlow *self, const GError *refusal, LwWhenFunc then)
{
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (refusal);
  set_busy (self, _ ("Reading what changed…"));
  lw_when (lw_load_case (session_of (self), self->value->request_id), self, then, NULL, NULL);
}

/* --- Apply --- */

char *
lw_review_exemption_ids (LwCase *value)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; value->content && i < value->content->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (value->content->grants, i);
      g_autofree char *id = lw_grant_exemption_id (value->content, grant);

      g_string_append_printf (ids, "%s%s", ids->len ? "\n" : "", id);
    }
  return g_string_free (ids, FALSE);
}

GError *
lw_review_apply_error (LwCase *value)
{
  GHashTableIter iter;
  gpointer failure;

  g_hash_table_iter_init (&iter, value->failures);
  while (g_hash_table_iter_next (&iter, NULL, &failure))
    {
      const char *message = lw_json_get_string (failure, "message");
      LwAzureErrorDetails details = {
        .code = (char *) lw_json_get_string (failure, "code"),
        .message = (char *) message,
        .request_id = (char *) lw_json_get_string (failure, "requestId"),
      };

      return lw_azure_error_new (
          LW_AZURE_ERROR_INVALID, &details,
          message && *message ? message : _ ("Azure refused to create the exemption."));
    }
  return NULL;
}

static void
copy_ids (GtkWidget *widget)
{
  gtk_widget_activate_action (widget, "review.copy-id", NULL);
}

static void
show_created (LwReviewFlow *self, LwCase *value)
{
  GtkWidget *overlay =
      self->widget ? gtk_widget_get_ancestor (self->widget, ADW_TYPE_TOAST_OVERLAY) : NULL;
  guint n = value->content->grants->len;
  g_autofree char *text = n == 1 ? g_strdup (_ ("Exemption created in Azure"))
                                 : g_strdup_printf (ngettext ("%u exemption created in Azure",
                                                              "%u exemptions created in Azure", n),
                                                    n);
  AdwToast *toast;

  if (!overlay)
    {
      tell (self, text);
      return;
    }
  gtk_accessible_announce (GTK_ACCESSIBLE (self->widget), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  toast = adw_toast_new ("");
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_toast_set_button_label (toast, _ ("_Copy Id"));
  /* The overlay lies outside the page whose action this is. */
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (copy_ids), self->widget,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
show_not_created (LwReviewFlow *self, const GError *error)
{
  if (self->widget && !lw_error_is_cancelled (error))
    lw_error_dialog (self->widget, _ ("Azure Did Not Create It"), error);
}

static void
reloaded_after_apply (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;

  set_busy (self, NULL);
  if (value)
    take_result (self, value);
}

static void
applied (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;
  g_autoptr (GError) refused = NULL;
  LwCase *result;

  set_busy (self, NULL);
  if (!value)
    {
      show_not_created (self, error);
      if (!lw_error_is_cancelled (error))
        reload (self, error, reloaded_after_apply);
      return;
    }
  result = take_result (self, value);
  /* What is in Azure has changed, so the portfolio has. */
  dex_future_disown (lw_workspace_refresh_portfolio (self->workspace));
  if (result->phase == LW_PHASE_APPLIED)
    {
      show_created (self, result);
      return;
    }
  refused = lw_review_apply_error (result);
  if (!refused)
    refused = lw_azure_error_new (LW_AZURE_ERROR_INVALID, NULL,
                                  _ ("Azure did not take it, and the record does not say why. The "
                                     "approval is kept: try again."));
  show_not_created (self, refused);
}

static void
start_apply (LwReviewFlow *self)
{
  set_busy (self, _ ("Creating the exemption in Azure…"));
  lw_when (lw_apply (session_of (self), self->value->request_id, self->value->digest), self,
           applied, NULL, NULL);
}

void
lw_review_flow_apply (LwReviewFlow *self, LwCase *value)
{
  g_return_if_fail (LW_IS_REVIEW_FLOW (self));
  g_return_if_fail (value != NULL);
  if (self->busy)
    return;
  set_case (self, value);
  start_apply (self);
}

/* --- Approve --- */

static void
approved (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;
  LwCase *result;

  set_busy (self, NULL);
  if (!value)
    {
      if (has_moved_on (error))
        reload (self, error, reloaded_after_approve);
      else if (!lw_error_is_cancelled (error) && self->widget)
        lw_error_dialog (self->widget, _ ("Approval Not Recorded"), error);
      return;
    }
  result = take_result (self, value);
  if (result->phase == LW_PHASE_APPROVED && self->then_apply)
    start_apply (self);
  else if (result->phase == LW_PHASE_APPROVED)
    tell (self, _ ("Approved. It can be created in Azure now."));
  else
    {
      guint missing = result->approvals_needed > result->approvals_counting
                          ? result->approvals_needed - result->approvals_counting
                          : 0;
      g_autofree char *text =
          g_strdup_printf (ngettext ("Approved. %u more approval is needed.",
                                     "Approved. %u more approvals are needed.", missing),
                           missing);

      tell (self, text);
    }
}

static void
approve_response (LwReviewFlow *self, const char *response)
{
  g_clear_weak_pointer (&self->alert);
  if (self->busy || g_str_equal (response, "cancel"))
    return;
  self->then_apply = g_str_equal (response, "create");
  set_busy (self, _ ("Recording your approval…"));
  lw_when (lw_approve (session_of (self), self->value->request_id, self->value->digest), self,
           approved, NULL, NULL);
}

static void
add_approve_responses (AdwAlertDialog *alert, gboolean completes, LwRight right)
{
  const char *main = completes && right == LW_RIGHT_YES ? "create" : "approve";

  adw_alert_dialog_add_response (alert, "cancel", _ ("_Cancel"));
  adw_alert_dialog_set_close_response (alert, "cancel");
  if (g_str_equal (main, "create"))
    {
      adw_alert_dialog_add_response (alert, "approve", _ ("Approve _Only"));
      adw_alert_dialog_add_response (alert, "create", _ ("_Approve and Create"));
    }
  else
    adw_alert_dialog_add_response (alert, "approve", _ ("_Approve"));
  adw_alert_dialog_set_response_appearance (alert, main, ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_default_response (alert, main);
}

void
lw_review_flow_approve (LwReviewFlow *self, LwCase *value, LwRight right)
{
  g_autofree char *sentence = NULL;
  gboolean completes;
  AdwDialog *dialog;
  const char *what;

  g_return_if_fail (LW_IS_REVIEW_FLOW (self));
  g_return_if_fail (value != NULL && value->content != NULL);
  if (self->busy || !self->widget)
    return;
  set_case (self, value);
  completes = value->approvals_counting + 1 >= value->approvals_needed;
  sentence = lw_words_sentence (lw_session_get_hierarchy (session_of (self)), value->content);
  if (!completes)
    what = _ ("It still needs others to approve after you.");
  else if (right == LW_RIGHT_YES)
    what = _ ("Yours is the last approval that it needs. The exemption can be created in Azure at "
              "once, under your account.");
  else
    what =
        _ ("Yours is the last approval that it needs. Somebody who may write exemptions there can "
           "then create it in Azure.");
  dialog = adw_alert_dialog_new (_ ("Approve This Request?"), NULL);
  adw_alert_dialog_format_body (ADW_ALERT_DIALOG (dialog), "%s\n\n%s", sentence, what);
  add_approve_responses (ADW_ALERT_DIALOG (dialog), completes, right);
  g_signal_connect_object (dialog, "response", G_CALLBACK (approve_response), self,
                           G_CONNECT_SWAPPED);
  g_set_weak_pointer (&self->alert, ADW_ALERT_DIALOG (dialog));
  adw_dialog_present (dialog, self->widget);
}

/* The question stands for what was read: it can be closed now, not answered. */
static void
say_in_alert (LwReviewFlow *self, LwCase *value)
{
  g_autofree char *what = last_event_sentence (self, value);

  adw_alert_dialog_format_body (self->alert, _ ("%s Look at the request again before you decide."),
                                what);
  adw_alert_dialog_set_response_enabled (self->alert, "approve", FALSE);
  if (adw_alert_dialog_has_response (self->alert, "create"))
    adw_alert_dialog_set_response_enabled (self->alert, "create", FALSE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self->alert), what,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

/* --- Reject, request changes --- */

static char *
text_key (LwReviewFlow *self)
{
  return g_strdup_printf ("%d %s", (int) self->kind, self->value->request_id);
}

/* A dialog closed without sending: what was typed is there again the next time. */
static void
keep_text (LwReviewFlow *self)
{
  if (!self->dialog)
    return;
  g_hash_table_insert (self->texts, text_key (self), lw_comment_dialog_get_text (self->dialog));
  g_clear_weak_pointer (&self->dialog);
}

/* What happened meanwhile, beside what was typed. */
static void
say_in_dialog (LwReviewFlow *self, LwCase *value)
{
  LwSession *session = session_of (self);
  g_autofree char *what = last_event_sentence (self, value);
  g_autofree char *problem = NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  gboolean allowed;

  json_object_set_string_member (body, "digest", value->digest ? value->digest : "");
  json_object_set_string_member (body, "comment", "…");
  allowed = lw_case_check (value, self->kind, lw_session_get_person (session), body,
                           lw_session_get_hierarchy (session), NULL);
  problem = allowed
                ? g_strdup_printf (_ ("%s Your text is kept: look at the request again, then send "
                                      "it if it still holds."),
                                   what)
                : g_strdup_printf (_ ("%s So this can no longer be sent. Your text is kept: copy "
                                      "it if you need it."),
                                   what);
  lw_comment_dialog_set_problem (self->dialog, problem, allowed);
}

static void
reloaded_after_decline (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;
  guint seen = self->value->last_seq;
  LwCase *result;

  set_busy (self, NULL);
  result = value ? take_result (self, value) : NULL;
  if (!self->dialog)
    return;
  if (result && result->last_seq != seen)
    {
      tell_moved_on (self);
      say_in_dialog (self, result);
    }
  else
    lw_comment_dialog_set_problem (self->dialog, self->refusal->message, TRUE);
}

static void
declined (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewFlow *self = owner;

  set_busy (self, NULL);
  if (value)
    {
      LwCommentDialog *dialog = self->dialog;
      g_autofree char *key = text_key (self);

      g_hash_table_remove (self->texts, key);
      g_clear_weak_pointer (&self->dialog);
      if (dialog)
        adw_dialog_force_close (ADW_DIALOG (dialog));
      take_result (self, value);
      tell (self, lw_outbox_toast (g_value_get_boxed (value), self->kind == LW_EVENT_REJECTED
                                                                  ? _ ("Rejected")
                                                                  : _ ("Sent back for changes")));
    }
  else if (has_moved_on (error))
    reload (self, error, reloaded_after_decline);
  else if (self->dialog)
    lw_comment_dialog_set_problem (self->dialog, error->message, TRUE);
}

static void
send_comment (LwReviewFlow *self, const char *text)
{
  LwSession *session = session_of (self);
  LwCase *value = self->value;
  gboolean reject = self->kind == LW_EVENT_REJECTED;

  g_hash_table_insert (self->texts, text_key (self), g_strdup (text));
  set_busy (self, reject ? _ ("Rejecting…") : _ ("Sending it back…"));
  lw_when (reject ? lw_reject (session, value->request_id, value->digest, text)
                  : lw_request_changes (session, value->request_id, value->digest, text),
           self, declined, NULL, NULL);
}

void
lw_review_flow_decline (LwReviewFlow *self, LwCase *value, LwEventKind kind)
{
  gboolean reject = kind == LW_EVENT_REJECTED;
  g_autofree char *body = NULL;
  g_autofree char *key = NULL;
  AdwDialog *dialog;

  g_return_if_fail (LW_IS_REVIEW_FLOW (self));
  g_return_if_fail (value != NULL && value->content != NULL);
  if (self->busy || self->dialog || !self->widget)
    return;
  set_case (self, value);
  self->kind = kind;
  key = text_key (self);
  body = reject ? g_strdup_printf (_ ("Why is it rejected? %s reads this; it stays on record."),
                                   lw_words_person (value->content->requester))
                : g_strdup_printf (_ ("What has to change? %s reads this; it stays on record."),
                                   lw_words_person (value->content->requester));
  dialog = lw_comment_dialog_new (reject ? _ ("Reject Request") : _ ("Request Changes"), body,
                                  reject ? _ ("_Reject") : _ ("_Send Back"), reject,
                                  g_hash_table_lookup (self->texts, key));
  g_set_weak_pointer (&self->dialog, LW_COMMENT_DIALOG (dialog));
  g_signal_connect_object (dialog, "send", G_CALLBACK (send_comment), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "closed", G_CALLBACK (keep_text), self, G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, self->widget);
}

void
lw_review_flow_take_news (LwReviewFlow *self, LwCase *value)
{
  gboolean decided;

  g_return_if_fail (LW_IS_REVIEW_FLOW (self));
  g_return_if_fail (value != NULL);
  /* What the verb under way comes to is said when it is done. */
  if (self->busy || !self->value || g_strcmp0 (self->value->request_id, value->request_id) != 0 ||
      self->value->last_seq >= value->last_seq)
    return;
  decided =
      value->phase != self->value->phase || g_strcmp0 (value->digest, self->value->digest) != 0;
  if (!decided)
    return;
  if (self->dialog)
    {
      set_case (self, value);
      tell_moved_on (self);
      say_in_dialog (self, value);
    }
  else if (self->alert)
    {
      say_in_alert (self, value);
      g_clear_weak_pointer (&self->alert);
      tell_moved_on (self);
    }
}

/* --- Object --- */

const char *
lw_review_flow_get_busy (LwReviewFlow *self)
{
  g_return_val_if_fail (LW_IS_REVIEW_FLOW (self), NULL);
  return self->busy;
}

static void
lw_review_flow_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwReviewFlow *self = LW_REVIEW_FLOW (object);

  switch ((LwReviewFlowProperty) id)
    {
    case PROP_BUSY:
      g_value_set_string (value, self->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_review_flow_dispose (GObject *object)
{
  LwReviewFlow *self = LW_REVIEW_FLOW (object);

  g_clear_weak_pointer (&self->widget);
  g_clear_weak_pointer (&self->dialog);
  g_clear_weak_pointer (&self->alert);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->value, lw_case_unref);
  g_clear_pointer (&self->texts, g_hash_table_unref);
  g_clear_pointer (&self->busy, g_free);
  g_clear_error (&self->refusal);
  G_OBJECT_CLASS (lw_review_flow_parent_class)->dispose (object);
}

static void
lw_review_flow_class_init (LwReviewFlowClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = lw_review_flow_get_property;
  G_OBJECT_CLASS (klass)->dispose = lw_review_flow_dispose;
  properties[PROP_BUSY] =
      g_param_spec_string ("busy", NULL, NULL, NULL,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties), properties);
  moved_on_signal = g_signal_new ("moved-on", LW_TYPE_REVIEW_FLOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
lw_review_flow_init (LwReviewFlow *self)
{
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LwReviewFlow *
lw_review_flow_new (LwWorkspace *workspace, GtkWidget *widget)
{
  LwReviewFlow *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (GTK_IS_WIDGET (widget), NULL);
  self = g_object_new (LW_TYPE_REVIEW_FLOW, NULL);
  self->workspace = g_object_ref (workspace);
  g_set_weak_pointer (&self->widget, widget);
  return self;
}
