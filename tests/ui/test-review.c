/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-comment-dialog.h"
#include "lw-grant-write.h"
#include "lw-pages.h"
#include "lw-review-queue.h"
#include "lw-ui-tenant.h"

/* The review page against the simulated tenant: what the approver's clicks do. */

#define GROUP        "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338/resourceGroups/rg-eval-weu"
#define SUBSCRIPTION "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"

typedef struct
{
  LwTestTenant *tenant;
  LwSession *priya;
  LwSession *tomas;
  LwSession *ingrid;
  LwWorkspace *workspace; /* of Tomás */
  GtkWidget *page;
  GtkWidget *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  GtkWidget *overlay = adw_toast_overlay_new ();

  self->tenant = lw_ui_tenant_new ();
  self->priya = lw_ui_tenant_session (self->tenant, PRIYA);
  self->tomas = lw_ui_tenant_session (self->tenant, TOMAS);
  self->ingrid = lw_ui_tenant_session (self->tenant, INGRID);
  self->workspace = lw_workspace_new (self->tomas);
  self->page = GTK_WIDGET (lw_review_page_new (self->workspace));
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), self->page);
  self->window = lw_ui_test_window (overlay, 1000);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
  g_object_unref (self->ingrid);
  g_object_unref (self->tomas);
  g_object_unref (self->priya);
  lw_test_tenant_free (self->tenant);
}

static LwCase *
submit (Fixture *self, const char *title, const char *scope)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request (title, scope);
  LwCase *value = lw_ui_tenant_case (lw_submit (self->priya, request));

  lw_ui_tenant_refresh (self->workspace);
  return value;
}

static LwCase *
case_now (Fixture *self, LwCase *value)
{
  return lw_ui_tenant_case (lw_load_case (self->tomas, value->request_id));
}

/* --- Waiting --- */

typedef struct
{
  Fixture *fixture;
  const char *text;
} Sight;

static gboolean
sees (gpointer data)
{
  Sight *sight = data;

  return lw_ui_test_shows (sight->fixture->window, sight->text);
}

static void
wait_for (Fixture *self, const char *text)
{
  Sight sight = { self, text };

  lw_ui_test_wait (sees, &sight);
}

static AdwDialog *
dialog_of (Fixture *self)
{
  return adw_window_get_visible_dialog (ADW_WINDOW (self->window));
}

static gboolean
has_dialog (gpointer data)
{
  return dialog_of (data) != NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  return dialog_of (data) == NULL;
}

static void
act (Fixture *self, const char *action)
{
  g_assert_true (gtk_widget_activate_action (self->page, action, NULL));
  lw_ui_test_wait (has_dialog, self);
}

static void
respond (Fixture *self, const char *response)
{
  AdwDialog *dialog = dialog_of (self);

  g_assert_true (ADW_IS_ALERT_DIALOG (dialog));
  g_assert_true (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog), response));
  g_signal_emit_by_name (dialog, "response", response);
  adw_dialog_force_close (dialog);
}

static GtkWidget *
button (Fixture *self, const char *label)
{
  GtkWidget *found = lw_ui_test_find (GTK_WIDGET (dialog_of (self)), GTK_TYPE_BUTTON, label);

  g_assert_nonnull (found);
  return found;
}

static void
press (Fixture *self, const char *label)
{
  g_assert_true (gtk_widget_is_sensitive (button (self, label)));
  g_signal_emit_by_name (button (self, label), "clicked");
}

static void
write_comment (Fixture *self, const char *text)
{
  GtkWidget *view = lw_ui_test_find (GTK_WIDGET (dialog_of (self)), GTK_TYPE_TEXT_VIEW, NULL);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
}

/* --- Tests --- */

static void
test_approve_and_create (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "Approve and create", NULL);
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwExemption) exemption = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  wait_for (self, "you may create the exemption in Azure");
  act (self, "review.approve");
  respond (self, "create");
  wait_for (self, "Exemption created in Azure");

  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_APPLIED);
  id = lw_grant_exemption_id (after->content, g_ptr_array_index (after->content->grants, 0));
  exemption =
      lw_test_boxed (lw_client_get_exemption (lw_session_get_client (self->tomas), id), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (exemption->request_id, ==, value->request_id);
  g_assert_cmpstr (exemption->digest, ==, value->digest);
  wait_for (self, "Decided Recently");
  wait_for (self, "What Azure Answered");
}

static void
test_approve_only (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "Approve only", NULL);
  g_autoptr (LwCase) after = NULL;

  wait_for (self, "you may create the exemption in Azure");
  act (self, "review.approve");
  respond (self, "approve");
  wait_for (self, "To Apply");
  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_APPROVED);

  /* Applying is a click of its own. */
  g_assert_true (gtk_widget_activate_action (self->page, "review.apply", NULL));
  wait_for (self, "Exemption created in Azure");
}

/* Cancelling the question leaves nothing on record. */
static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "Not just now", NULL);
  g_autoptr (LwCase) after = NULL;

  wait_for (self, "Not just now");
  act (self, "review.approve");
  respond (self, "cancel");
  lw_ui_test_wait (has_no_dialog, self);
  after = case_now (self, value);
  g_assert_cmpuint (after->last_seq, ==, value->last_seq);
}

static void
test_reject (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "To be rejected", NULL);
  g_autoptr (LwCase) after = NULL;

  wait_for (self, "To be rejected");
  act (self, "review.reject");
  g_assert_false (gtk_widget_get_sensitive (button (self, "Reject")));
  write_comment (self, " \n ");
  g_assert_false (gtk_widget_get_sensitive (button (self, "Reject")));
  write_comment (self, "Use the managed identity");
  press (self, "Reject");
  lw_ui_test_wait (has_no_dialog, self);
  wait_for (self, "Decided Recently");

  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_REJECTED);
  wait_for (self, "Use the managed identity");
}

/* Somebody rejected it while the question was open: nothing is approved, and it is said. */
static void
test_approve_moved_on (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "Moved on", NULL);
  g_autoptr (LwCase) other = NULL;
  g_autoptr (LwCase) after = NULL;

  wait_for (self, "Moved on");
  act (self, "review.approve");
  other = lw_ui_tenant_case (
      lw_reject (self->ingrid, value->request_id, value->digest, "No gate is named"));
  respond (self, "approve");
  wait_for (self, "This Request Moved On");
  g_assert_true (lw_ui_test_shows (self->window, "Ingrid Solberg rejected it"));
  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_REJECTED);
  g_assert_cmpuint (after->approvals->len, ==, 0);
  /* What is being read does not slip away. */
  wait_for (self, "No gate is named");
}

/* What was typed survives the refusal, and closing the dialog. */
static void
test_text_is_kept (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = submit (self, "Keep my words", NULL);
  g_autoptr (LwRequest) next = lw_request_copy (value->content);
  g_autoptr (LwCase) newer = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;

  wait_for (self, "Keep my words");
  act (self, "review.request-changes");
  write_comment (self, "Name the release gate");
  g_set_str (&next->title, "Keep my words, newer");
  newer = lw_ui_tenant_case (lw_submit (self->priya, next));
  g_assert_cmpstr (newer->digest, !=, value->digest);

  press (self, "Send Back");
  wait_for (self, "Your text is kept");
  text = lw_comment_dialog_get_text (LW_COMMENT_DIALOG (dialog_of (self)));
  g_assert_cmpstr (text, ==, "Name the release gate");
  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);

  press (self, "Cancel");
  lw_ui_test_wait (has_no_dialog, self);
  wait_for (self, "Keep my words, newer");
  act (self, "review.request-changes");
  again = lw_comment_dialog_get_text (LW_COMMENT_DIALOG (dialog_of (self)));
  g_assert_cmpstr (again, ==, "Name the release gate");

  /* Sent now, it names the content that is shown now. */
  press (self, "Send Back");
  lw_ui_test_wait (has_no_dialog, self);
  g_clear_pointer (&after, lw_case_unref);
  after = case_now (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_CHANGES_REQUESTED);
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  return g_list_model_get_n_items (G_LIST_MODEL (lw_workspace_get_queue (self->workspace))) == 4;
}

/* By risk, then the oldest first; a subscription needs two approvals, so that one leaves it waiting. */
static void
test_order (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) low = submit (self, "One resource", NULL);
  g_autoptr (LwCase) low2 = submit (self, "The same resource again", NULL);
  g_autoptr (LwCase) medium = submit (self, "A resource group", GROUP);
  g_autoptr (LwCase) high = submit (self, "A subscription", SUBSCRIPTION);
  LwReviewQueue *queue;
  GtkListView *list;
  GtkWidget *row;
  const char *const titles[] = { "A subscription", "A resource group", "One resource",
                                 "The same resource again" };
  const LwQueueHeading headings[] = { LW_QUEUE_HIGH, LW_QUEUE_MEDIUM, LW_QUEUE_LOW, LW_QUEUE_LOW };

  wait_for (self, "One resource");
  lw_ui_test_wait (has_all, self);
  queue = lw_workspace_get_queue (self->workspace);
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      g_autoptr (LwQueueItem) item = g_list_model_get_item (G_LIST_MODEL (queue), i);
      const LwQueueEntry *entry = lw_queue_item_get_entry (item);

      g_assert_cmpint (entry->heading, ==, headings[i]);
      g_assert_cmpstr (entry->value->content->title, ==, titles[i]);
    }
  wait_for (self, "High Risk");
  /* What was being read stays; another row shows another request. */
  g_assert_true (lw_ui_test_shows (self->page, "Let the AI service aoai-eval-weu"));
  list = GTK_LIST_VIEW (lw_ui_test_find (self->page, GTK_TYPE_LIST_VIEW, NULL));
  row = lw_ui_test_find (GTK_WIDGET (list), GTK_TYPE_BOX, "A subscription");
  gtk_test_accessible_assert_property (gtk_widget_get_parent (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "High Risk, A subscription, sub-evals-prod, Priya Raman");
  gtk_selection_model_select_item (gtk_list_view_get_model (list), 0, TRUE);
  wait_for (self, "Let the subscription");
  act (self, "review.approve");
  g_assert_false (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog_of (self)), "create"));
  respond (self, "approve");
  wait_for (self, "Waiting for Others");
}

static void
test_empty (Fixture *self, gconstpointer data)
{
  lw_ui_tenant_refresh (self->workspace);
  wait_for (self, "Nothing Waits for You");
  g_assert_null (dialog_of (self));
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
#define ADD(path, test) g_test_add ("/review/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("approve-and-create", test_approve_and_create);
  ADD ("approve-only", test_approve_only);
  ADD ("cancel", test_cancel);
  ADD ("reject", test_reject);
  ADD ("approve-moved-on", test_approve_moved_on);
  ADD ("text-is-kept", test_text_is_kept);
  ADD ("order", test_order);
  ADD ("empty", test_empty);
  return g_test_run ();
}
