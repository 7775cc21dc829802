/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-audit.h"
#include "lw-json.h"

#include <glib/gi18n-lib.h>

#define STACK_SIZE (512 * 1024)
#define PARALLEL   8

/* An exemption as the record says it was left. */
typedef struct
{
  char *id;
  char *request;
  guint seq;
  GDateTime *at;
  LwPerson *by;
  char *writer;   /* systemData.lastModifiedBy, as Azure answered then; nullable */
  char *modified; /* systemData.lastModifiedAt; nullable */
  gboolean gone;  /* retired since */
} Entry;

typedef struct
{
  LwSession *session;
  gboolean ask_azure;
  LwVerification *result;
  GHashTable *entries; /* id of the exemption (lw_arm_id_hash()) → Entry */
  GHashTable *busy;    /* requests that are being applied or retired */
  GPtrArray *queue;    /* (element-type Entry), not owned */
  guint next;
} Audit;

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->id);
  g_free (self->request);
  g_date_time_unref (self->at);
  lw_person_free (self->by);
  g_free (self->writer);
  g_free (self->modified);
  g_free (self);
}

static void
audit_clear (gpointer data)
{
  Audit *self = data;

  g_object_unref (self->session);
  g_clear_pointer (&self->result, lw_verification_unref);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->busy);
  g_ptr_array_unref (self->queue);
}

static void
audit_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, audit_clear);
}

/* --- what the record says ----------------------------------------------------------------------- */

static gboolean
is_flagged (LwCase *value, guint seq)
{
  for (guint i = 0; i < value->flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (value->flags, i);

      if (flag->seq == seq)
        return TRUE;
    }

  return FALSE;
}

static void
take_exemption (Audit *self, LwCase *value, LwEvent *event, JsonObject *exemption)
{
  const char *id = lw_json_get_string (exemption, "id");
  JsonObject *system = lw_json_get_object (exemption, "systemData");
  Entry *entry = id ? g_hash_table_lookup (self->entries, id) : NULL;

  /* a renewal writes the same exemption again */
  if (!id || (entry && g_date_time_compare (entry->at, event->at) > 0))
    return;

  entry = g_new0 (Entry, 1);
  entry->id = g_strdup (id);
  entry->request = g_strdup (value->request_id);
  entry->seq = event->seq;
  entry->at = g_date_time_ref (event->at);
  entry->by = lw_person_copy (event->by);
  entry->writer = g_strdup (lw_json_get_string (system, "lastModifiedBy"));
  entry->modified = g_strdup (lw_json_get_string (system, "lastModifiedAt"));
  g_hash_table_replace (self->entries, entry->id, entry);
}

static void
take_event (Audit *self, LwCase *value, LwEvent *event)
{
  JsonArray *grants = lw_json_get_array (event->body, "grants");

  for (guint i = 0; grants && i < json_array_get_length (grants); i++)
    {
      JsonObject *exemption =
          lw_json_get_object (lw_json_array_get_object (grants, i), "exemption");

      if (exemption)
        take_exemption (self, value, event, exemption);
    }
}

static void
mark_gone (Audit *self, LwCase *value)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    {
      if (g_strcmp0 (((Entry *) entry)->request, value->request_id) == 0)
        ((Entry *) entry)->gone = TRUE;
    }
}

static void
take_case (LwCase *value, gpointer user_data)
{
  Audit *self = user_data;

  for (guint i = 0; i < value->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (value->events, i);

      if (!is_flagged (value, event->seq) &&
          (event->kind == LW_EVENT_APPLIED || event->kind == LW_EVENT_APPLY_FAILED ||
           event->kind == LW_EVENT_RESTORED))
        take_event (self, value, event);
    }

  if (value->phase == LW_PHASE_RETIRED)
    mark_gone (self, value);
  if (value->phase == LW_PHASE_APPLYING || value->phase == LW_PHASE_RETIRING)
    g_hash_table_add (self->busy, g_strdup (value->request_id));
}

/* --- what Azure says ---------------------------------------------------------------------------- */

static gboolean
is_person (const char *writer, const LwPerson *person)
{
  return (person->upn && g_ascii_strcasecmp (writer, person->upn) == 0) ||
         (person->id && g_ascii_strcasecmp (writer, person->id) == 0);
}

static const char *
label (const LwPerson *person)
{
  return person->upn ? person->upn : person->id;
}

static LwProblem *
report (Audit *self, const Entry *entry, const char *id, char *message)
{
  g_autofree char *owned = message;

  return lw_verification_add (self->result, id, entry->request, entry->seq, entry->id, owned);
}

/* The exemption as it stands now against what was answered when it was applied. */
static void
compare (Audit *self, const Entry *entry, LwExemption *exemption)
{
  JsonObject *system = lw_json_get_object (exemption->json, "systemData");
  const char *writer = lw_json_get_string (system, "lastModifiedBy");
  const char *modified = lw_json_get_string (system, "lastModifiedAt");

  if (entry->gone)
    report (
        self, entry, "azure.back",
        g_strdup_printf (_ ("The record says this exemption was retired, and it is in Azure; %s "
                            "wrote it last, at %s"),
                         writer ? writer : "?", modified ? modified : "?"));
  else if (g_strcmp0 (modified, entry->modified) != 0)
    report (
        self, entry, "azure.changed",
        g_strdup_printf (_ ("%s changed this exemption at %s, which the record knows nothing of"),
                         writer ? writer : "?", modified ? modified : "?"));
  else if (!writer)
    report (self, entry, "azure.unknown-writer",
            g_strdup (_ ("Azure does not say who wrote this exemption")))
        ->harmless = TRUE;
  else if (!is_person (writer, entry->by))
    report (
        self, entry, "azure.writer",
        g_strdup_printf (_ ("The record says that %s applied this, and Azure says that %s wrote "
                            "it"),
                         label (entry->by), writer));

  if (g_strcmp0 (exemption->request_id, entry->request) != 0 && !entry->gone)
    report (self, entry, "azure.other-request",
            g_strdup_printf (_ ("The exemption in Azure names another request: %s"),
                             exemption->request_id ? exemption->request_id : _ ("none")));
}

static gboolean
check_entry (Audit *self, const Entry *entry, GError **error)
{
  LwClient *client = lw_session_get_client (self->session);
  g_autoptr (GError) cause = NULL;
  g_autoptr (LwExemption) exemption =
      dex_await_boxed (lw_client_get_exemption (client, entry->id), &cause);

  if (exemption)
    {
      self->result->exemptions++;
      compare (self, entry, exemption);
      return TRUE;
    }

  if (g_error_matches (cause, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    {
      self->result->exemptions++;
      if (!entry->gone)
        report (self, entry, "azure.missing",
                g_strdup (_ ("The record says this exemption was created, and it is not in Azure: "
                             "somebody deleted it, and not by Leeway")));
      return TRUE;
    }

  if (g_error_matches (cause, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN))
    {
      report (self, entry, "azure.hidden",
              g_strdup (_ ("Your account may not read this exemption, so it was not compared")))
          ->harmless = TRUE;
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}

static DexFuture *
worker_fiber (gpointer data)
{
  Audit *self = data;
  g_autoptr (GError) error = NULL;

  while (self->next < self->queue->len)
    {
      if (!check_entry (self, g_ptr_array_index (self->queue, self->next++), &error))
        {
          self->next = self->queue->len; /* the others stop too */
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
    }

  return dex_future_new_for_boolean (TRUE);
}

static gboolean
check_entries (Audit *self, GError **error)
{
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (dex_unref);
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    g_ptr_array_add (self->queue, entry);
  for (guint i = 0; i < MIN (PARALLEL, self->queue->len); i++)
    g_ptr_array_add (workers, dex_scheduler_spawn (NULL, STACK_SIZE, worker_fiber,
                                                   g_atomic_rc_box_acquire (self), audit_unref));
  for (guint i = 0; i < workers->len; i++)
    {
      g_autoptr (GError) cause = NULL;

      if (!dex_await (dex_ref (g_ptr_array_index (workers, i)), &cause) && !*error)
        g_propagate_error (error, g_steal_pointer (&cause));
    }

  return *error == NULL;
}

/* Exemptions that say they belong to a request, and whose record says nothing of them. */
static gboolean
check_unrecorded (Audit *self, GError **error)
{
  g_autoptr (GPtrArray) exemptions = dex_await_boxed (
      lw_client_list_all_exemptions (lw_session_get_client (self->session)), error);

  for (guint i = 0; exemptions && i < exemptions->len; i++)
    {
      const LwExemption *exemption = g_ptr_array_index (exemptions, i);

      if (exemption->request_id && !g_hash_table_contains (self->entries, exemption->id) &&
          !g_hash_table_contains (self->busy, exemption->request_id))
        lw_verification_add (
            self->result, "azure.unrecorded", exemption->request_id, 0, exemption->id,
            _ ("This exemption in Azure names a request, whose record does not say "
               "that it was created"));
    }

  return exemptions != NULL;
}

static DexFuture *
audit_fiber (gpointer data)
{
  Audit *self = data;
  g_autoptr (GError) error = NULL;
  LwLedger *ledger = lw_session_get_ledger (self->session);

  self->result = dex_await_boxed (
      lw_ledger_verify (ledger, take_case, g_atomic_rc_box_acquire (self), audit_unref), &error);
  if (!self->result)
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (self->ask_azure && (!check_entries (self, &error) || !check_unrecorded (self, &error)))
    {
      g_autofree char *message = g_strdup_printf (
          _ ("Azure could not be asked, so the record was not held against it: %s"),
          error->message);

      lw_verification_add (self->result, "azure.unreachable", NULL, 0, NULL, message);
    }
  lw_verification_sort (self->result);

  return dex_future_new_take_boxed (LW_TYPE_VERIFICATION, lw_verification_ref (self->result));
}

DexFuture *
lw_audit (LwSession *self, gboolean ask_azure)
{
  Audit *audit;

  g_return_val_if_fail (LW_IS_SESSION (self), NULL);

  if (!lw_session_is_open (self))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  audit = g_atomic_rc_box_new0 (Audit);
  audit->session = g_object_ref (self);
  audit->ask_azure = ask_azure;
  audit->entries = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, NULL, entry_free);
  audit->busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  audit->queue = g_ptr_array_new ();

  return dex_scheduler_spawn (NULL, STACK_SIZE, audit_fiber, audit, audit_unref);
}
