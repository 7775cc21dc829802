/* SPDX-License-Identifier: GPL-3.0-or-later */

#define _GNU_SOURCE /* F_OFD_SETLK */

#include "config.h"

#include "lw-apply-begun.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-verb-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define WHAT "apply"
#define TOLD "told"

/* --- one at a time ------------------------------------------------------------------------------ */

/* A byte of one file for each account and request. Locks of an open file go with it, so they outlive
 * nobody. */
static off_t
place_of (LwSession *session, const char *request_id)
{
  const LwPerson *person = lw_session_get_person (session);
  g_autofree char *text = g_strconcat (request_id, " ", person ? person->id : "", NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  sum[15] = '\0';

  return (off_t) (g_ascii_strtoull (sum, NULL, 16) & G_MAXINT32);
}

gboolean
lw_apply_lock (LwApplyLock *lock, LwSession *session, const char *request_id, GError **error)
{
  g_autofree char *folder = lw_outbox_folder ();
  g_autofree char *path = g_build_filename (folder, "applying.lock", NULL);
  struct flock range = {
    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place_of (session, request_id), .l_len = 1
  };

  *lock = -1;
  /* Where there are no locks, two at once do no more than the same twice. */
  if (g_mkdir_with_parents (folder, 0700) < 0 ||
      (*lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    return TRUE;
  if (fcntl (*lock, F_OFD_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES))
    return TRUE;

  g_set_error_literal (
      error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
      _ ("You are applying this request on this machine right now; wait for the result"));

  return FALSE;
}

void
lw_apply_unlock (LwApplyLock *lock)
{
  if (*lock >= 0)
    close (*lock);
  *lock = -1;
}

/* --- what this machine knows -------------------------------------------------------------------- */

gboolean
lw_apply_note (LwSession *session, LwCase *value, guint seq, GError **error)
{
  LwOutbox *outbox = lw_session_get_outbox (session);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (JsonArray) seen = json_array_new ();
  JsonObject *entry;

  if (!outbox)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));
      return FALSE;
    }

  entry = json_object_new ();
  json_object_set_int_member (entry, "seq", seq);
  json_array_add_object_element (seen, entry);

  return dex_await (
      lw_outbox_begin_apply (outbox, value->request_id, value->digest, WHAT, seen, now), error);
}

void
lw_apply_note_told (LwSession *session, LwCase *value)
{
  LwOutbox *outbox = lw_session_get_outbox (session);

  if (outbox)
    dex_await (lw_outbox_note_apply (outbox, value->request_id, value->digest, WHAT, TOLD), NULL);
}

void
lw_apply_forget (LwSession *session, const char *request_id, const char *digest)
{
  LwOutbox *outbox = lw_session_get_outbox (session);

  /* Where that fails, the next start finds that there is nothing left to do. */
  if (outbox)
    dex_await (lw_outbox_end_apply (outbox, request_id, digest, WHAT), NULL);
}

static const LwEvent *
last_applying (LwCase *value)
{
  for (guint i = value->events->len; i > 0; i--)
    {
      const LwEvent *event = g_ptr_array_index (value->events, i - 1);

      if (event->kind == LW_EVENT_APPLYING)
        return event;
    }

  return NULL;
}

/* The number of the last entry that the person saw when they clicked. */
static guint
seen_seq (const LwBegun *begun)
{
  JsonObject *entry = json_array_get_length (begun->grants) > 0
                          ? lw_json_array_get_object (begun->grants, 0)
                          : NULL;

  return entry ? (guint) CLAMP (lw_json_get_int (entry, "seq", 0), 0, G_MAXINT) : 0;
}

/* Whether there is something left of it that this account may go on with unasked. */
static gboolean
is_unfinished (LwSession *session, const LwBegun *begun, LwCase *value)
{
  const LwEvent *event = last_applying (value);

  if (g_strcmp0 (begun->digest, value->digest) != 0)
    return FALSE;

  switch (value->phase)
    {
    case LW_PHASE_APPLYING:
      return event && lw_person_equal (event->by, lw_session_get_person (session));
    case LW_PHASE_APPROVED:
    case LW_PHASE_PARTLY_APPLIED:
    case LW_PHASE_APPLY_FAILED:
      /* The click is noted here, and its entry never came to the ledger. */
      return g_strcmp0 (begun->state, TOLD) != 0 && (!event || event->seq <= seen_seq (begun));
    case LW_PHASE_NEW:
    case LW_PHASE_PENDING:
    case LW_PHASE_CHANGES_REQUESTED:
    case LW_PHASE_REJECTED:
    case LW_PHASE_WITHDRAWN:
    case LW_PHASE_APPLIED:
    case LW_PHASE_RETIRING:
    case LW_PHASE_RETIRED:
    default:
      return FALSE;
    }
}

/* --- finishing it ------------------------------------------------------------------------------- */

static void
finished_clear (gpointer data)
{
  LwFinished *self = data;

  g_free (self->request_id);
  g_free (self->title);
  g_clear_pointer (&self->value, lw_case_unref);
  g_clear_error (&self->error);
}

LwFinished *
lw_finished_ref (LwFinished *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_finished_unref (LwFinished *self)
{
  g_atomic_rc_box_release_full (self, finished_clear);
}

G_DEFINE_BOXED_TYPE (LwFinished, lw_finished, lw_finished_ref, lw_finished_unref)

/* Whether somebody else on this machine is at it. */
static gboolean
is_busy (LwSession *session, const char *request_id)
{
  g_auto (LwApplyLock) lock = -1;

  return !lw_apply_lock (&lock, session, request_id, NULL);
}

/* Awaits. (nullable): nothing to say where there was nothing to do. */
static LwFinished *
finish_one (LwSession *session, const LwBegun *begun)
{
  g_autoptr (LwCase) value = NULL;
  g_autoptr (LwFinished) finished = NULL;

  if (g_strcmp0 (begun->what, WHAT) != 0 || is_busy (session, begun->request))
    return NULL;

  finished = g_atomic_rc_box_new0 (LwFinished);
  finished->request_id = g_strdup (begun->request);
  value = dex_await_boxed (lw_ledger_load_case (lw_session_get_ledger (session), begun->request),
                           &finished->error);
  if (!value)
    return g_steal_pointer (&finished);

  finished->title = g_strdup (value->content ? value->content->title : NULL);
  if (!is_unfinished (session, begun, value))
    {
      lw_apply_forget (session, begun->request, begun->digest);
      return NULL;
    }

  finished->value =
      dex_await_boxed (lw_apply (session, begun->request, begun->digest), &finished->error);

  return g_steal_pointer (&finished);
}

static DexFuture *
finish_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) begun = NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_finished_unref);

  begun = dex_await_boxed (lw_outbox_list_begun (lw_session_get_outbox (verb->session)), &error);
  if (!begun)
    return dex_future_new_for_error (g_steal_pointer (&error));

  for (guint i = 0; i < begun->len; i++)
    {
      LwFinished *finished = finish_one (verb->session, g_ptr_array_index (begun, i));

      if (finished)
        g_ptr_array_add (all, finished);
    }

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&all));
}

DexFuture *
lw_finish_begun (LwSession *session)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  return lw_verb_run (lw_verb_new (session, NULL, NULL, NULL), finish_fiber);
}
