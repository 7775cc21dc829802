/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-event.h"
#include "lw-json.h"

/* A request of at most 4 MiB, with room for what is around it. */
#define MAX_SIZE (5 * 1024 * 1024)

G_DEFINE_BOXED_TYPE (LwEvent, lw_event, lw_event_ref, lw_event_unref)

static const char *const kinds[] = {
  [LW_EVENT_SUBMITTED] = "submitted",
  [LW_EVENT_WITHDRAWN] = "withdrawn",
  [LW_EVENT_CHANGES_REQUESTED] = "changes-requested",
  [LW_EVENT_REJECTED] = "rejected",
  [LW_EVENT_APPROVED] = "approved",
  [LW_EVENT_APPLYING] = "applying",
  [LW_EVENT_APPLIED] = "applied",
  [LW_EVENT_APPLY_FAILED] = "apply-failed",
  [LW_EVENT_RETIRING] = "retiring",
  [LW_EVENT_RETIRED] = "retired",
  [LW_EVENT_RESTORED] = "restored",
  [LW_EVENT_CONTROL_CHECKED] = "control-checked",
  [LW_EVENT_COMMENTED] = "commented",
};

const char *
lw_event_kind_to_string (LwEventKind kind)
{
  return (guint) kind < G_N_ELEMENTS (kinds) ? kinds[kind] : "unknown";
}

LwEventKind
lw_event_kind_from_string (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i], text) == 0)
      return (LwEventKind) i;
  return LW_EVENT_UNKNOWN;
}

/* {id, upn, name} and, where given, the tenant: what the writer was signed in as. */
static JsonObject *
write_by (const LwPerson *by, const char *tenant)
{
  JsonObject *object = json_object_new ();

  lw_json_set_string (object, "id", by->id);
  lw_json_set_string (object, "name", by->name);
  lw_json_set_string (object, "upn", by->upn);
  if (tenant != NULL)
    lw_json_set_string (object, "tenant", tenant);
  return object;
}

static GBytes *
canonical_bytes (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autoptr (GError) error = NULL;
  char *text = lw_json_canonical (node, &error);

  if (text == NULL)
    {
      g_critical ("An object of the ledger cannot be written: %s", error->message);
      return NULL;
    }
  return g_bytes_new_take (text, strlen (text));
}

LwEvent *
lw_event_new (const char *request,
              guint seq,
              LwEventKind kind,
              GDateTime *at,
              const LwPerson *by,
              const char *by_tenant,
              const char *prev,
              JsonObject *body)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *instant = NULL;

  g_return_val_if_fail (request != NULL, NULL);
  g_return_val_if_fail (seq > 0, NULL);
  g_return_val_if_fail (at != NULL, NULL);
  g_return_val_if_fail (by != NULL && by->id != NULL, NULL);

  object = json_object_new ();
  instant = lw_instant_format (at);
  json_object_set_int_member (object, "version", 1);
  lw_json_set_string (object, "request", request);
  json_object_set_int_member (object, "seq", seq);
  lw_json_set_string (object, "kind", lw_event_kind_to_string (kind));
  lw_json_set_string (object, "at", instant);
  json_object_set_object_member (object, "by", write_by (by, by_tenant));
  lw_json_set_string (object, "prev", prev != NULL ? prev : "");
  json_object_set_object_member (object, "body",
                                 body != NULL ? lw_json_object_copy (body) : json_object_new ());
  bytes = canonical_bytes (object);
  return bytes != NULL ? lw_event_from_bytes (bytes, NULL) : NULL;
}

static gboolean
is_sha256 (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
refuse (GError **error, const char *member)
{
  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               _ ("This is no event of a ledger: “%s” is missing or malformed."), member);
  return FALSE;
}

static gboolean
read_event (LwEvent *self, JsonObject *object, GError **error)
{
  gint64 version = lw_json_get_int (object, "version", 0);
  gint64 seq = lw_json_get_int (object, "seq", 0);
  JsonObject *body = lw_json_get_object (object, "body");

  if (version > 1)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_VERSION,
                   _ ("This event is of version %" G_GINT64_FORMAT
                      ", which is newer than this Leeway knows; update Leeway."),
                   version);
      return FALSE;
    }
  if (version != 1)
    return refuse (error, "version");
  self->request = g_strdup (lw_json_get_string (object, "request"));
  if (self->request == NULL || self->request[0] == '\0')
    return refuse (error, "request");
  if (seq < 1 || seq > G_MAXINT32)
    return refuse (error, "seq");
  self->seq = (guint) seq;
  self->kind_name = g_strdup (lw_json_get_string (object, "kind"));
  if (self->kind_name == NULL)
    return refuse (error, "kind");
  self->kind = lw_event_kind_from_string (self->kind_name);
  self->at = lw_instant_parse (lw_json_get_string (object, "at"), NULL);
  if (self->at == NULL)
    return refuse (error, "at");
  self->by = lw_person_from_json (json_object_get_member (object, "by"), "by", error);
  if (self->by == NULL)
    return error != NULL && *error != NULL ? FALSE : refuse (error, "by");
  if (self->by->id == NULL || self->by->id[0] == '\0')
    return refuse (error, "by.id");
  self->by_tenant = g_strdup (lw_json_get_string (lw_json_get_object (object, "by"), "tenant"));
  self->prev = g_strdup (lw_json_get_string (object, "prev"));
  if (self->prev == NULL || (self->prev[0] != '\0' && !is_sha256 (self->prev)))
    return refuse (error, "prev");
  if (body == NULL)
    return refuse (error, "body");
  self->body = json_object_ref (body);
  return TRUE;
}

LwEvent *
lw_event_from_bytes (GBytes *bytes, GError **error)
{
  g_autofree char *sha256 = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return lw_event_from_hashed_bytes (bytes, sha256, error);
}

LwEvent *
lw_event_from_hashed_bytes (GBytes *bytes, const char *sha256, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (LwEvent) self = NULL;

  g_return_val_if_fail (bytes != NULL && sha256 != NULL, NULL);

  node = lw_json_parse (bytes, MAX_SIZE, error);
  if (node == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (LwEvent);
  if (lw_json_node_object (node) == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("An event of a ledger must be a JSON object."));
      return NULL;
    }
  if (!read_event (self, lw_json_node_object (node), error))
    return NULL;
  self->bytes = g_bytes_ref (bytes);
  self->sha256 = g_strdup (sha256);
  return g_steal_pointer (&self);
}

LwEvent *
lw_event_ref (LwEvent *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
event_clear (gpointer data)
{
  LwEvent *self = data;

  g_free (self->request);
  g_free (self->kind_name);
  g_clear_pointer (&self->at, g_date_time_unref);
  lw_person_free (self->by);
  g_free (self->by_tenant);
  g_free (self->prev);
  g_clear_pointer (&self->body, json_object_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->sha256);
}

void
lw_event_unref (LwEvent *self)
{
  g_atomic_rc_box_release_full (self, event_clear);
}

GBytes *
lw_seal_to_bytes (const char *request,
                  const char *digest,
                  GDateTime *at,
                  const LwPerson *by,
                  const char *tenant)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *instant = lw_instant_format (at);

  json_object_set_int_member (object, "version", 1);
  lw_json_set_string (object, "request", request);
  lw_json_set_string (object, "digest", digest);
  lw_json_set_string (object, "at", instant);
  json_object_set_object_member (object, "by", write_by (by, NULL));
  lw_json_set_string (object, "tenant", tenant);
  return canonical_bytes (object);
}

char *
lw_seal_name (const char *digest, const char *oid)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (digest != NULL && oid != NULL, NULL);

  key = g_ascii_strdown (oid, -1);
  return g_strdup_printf ("%s-%s", digest, key);
}

gboolean
lw_seal_matches (GBytes *bytes, const char *request, const char *digest, const char *oid)
{
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 64 * 1024, NULL);
  JsonObject *object = lw_json_node_object (node);
  const char *of = lw_json_get_string (object, "request");
  const char *by = lw_json_get_string (lw_json_get_object (object, "by"), "id");

  return of != NULL && by != NULL && request != NULL && oid != NULL &&
         lw_json_get_int (object, "version", 0) == 1 && g_ascii_strcasecmp (of, request) == 0 &&
         g_strcmp0 (lw_json_get_string (object, "digest"), digest) == 0 &&
         g_ascii_strcasecmp (by, oid) == 0;
}
