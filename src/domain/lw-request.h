/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * A request as plain structs. Every struct keeps the JSON object it was read from in @rest, so that
 * members which this version does not know survive a round trip; it is %NULL for one made here.
 * Strings are %NULL where absent. Arrays are never %NULL and own their elements.
 * Change members directly with g_set_str(); values are not shared between requests.
 */

typedef struct
{
  char *id; /* object id in the directory, a GUID */
  char *name;
  char *upn;
  JsonObject *rest;
} LwPerson;

LwPerson *lw_person_new (const char *id, const char *name, const char *upn);
LwPerson *lw_person_copy (const LwPerson *self);
void lw_person_free (LwPerson *self);
/* Same object id, without case; two people without an id are never the same. */
gboolean lw_person_equal (const LwPerson *a, const LwPerson *b);
/* Reads {id, name, upn}; a %NULL or null node gives %NULL without an error. */
LwPerson *lw_person_from_json (JsonNode *node, const char *path, GError **error);
JsonNode *lw_person_to_json (const LwPerson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPerson, lw_person_free)

/* The policy as it was read at submission. */
typedef struct
{
  char *instance_id;
  char *definition; /* id of the definition or set definition assigned */
  char *version;
  char *enforcement_mode;
  GHashTable *effects; /* reference id ("" for a single definition) → effect, both char* */
  JsonObject *rest;
} LwPolicySnapshot;

LwPolicySnapshot *lw_policy_snapshot_new (void);
LwPolicySnapshot *lw_policy_snapshot_copy (const LwPolicySnapshot *self);
void lw_policy_snapshot_free (LwPolicySnapshot *self);
/* Whether nothing that both know differs: what one of them could not read is no difference. */
gboolean lw_policy_snapshot_equal (const LwPolicySnapshot *a, const LwPolicySnapshot *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPolicySnapshot, lw_policy_snapshot_free)

typedef struct
{
  guint n; /* its number, from 1, never reused */
  char *assignment;
  char *policy_name;
  GPtrArray *references; /* (element-type utf8) */
  char *scope;
  JsonArray *selectors; /* Azure's resourceSelectors; never NULL */
  char *why;
  char *renews;
  LwPolicySnapshot *policy; /* nullable */
  JsonObject *rest;
} LwGrant;

LwGrant *lw_grant_new (guint n);
LwGrant *lw_grant_copy (const LwGrant *self);
void lw_grant_free (LwGrant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwGrant, lw_grant_free)

typedef struct
{
  char *blocker;
  char *control;
  char *impractical;
  char *end_state;
  char *end_state_by; /* "YYYY-MM-DD" */
  JsonObject *rest;
} LwReason;

typedef struct
{
  char *step;
  char *by; /* "YYYY-MM-DD" */
  char *link;
  JsonObject *rest;
} LwRemediation;

LwRemediation *lw_remediation_new (const char *step, const char *by, const char *link);
void lw_remediation_free (LwRemediation *self);

/* A file on the evidence shelf (sha256 set) or a link (link set). */
typedef struct
{
  char *sha256;
  char *name;
  gint64 size; /* bytes */
  char *media_type;
  char *link;
  JsonObject *rest;
} LwEvidence;

LwEvidence *lw_evidence_new_link (const char *link);
void lw_evidence_free (LwEvidence *self);

typedef struct
{
  char *kind; /* one of lw_control_kinds() */
  char *objective;
  char *definition;
  char *residual_risk;
  char *validation;
  char *maintenance;
  GPtrArray *evidence;  /* (element-type LwEvidence) */
  LwPerson *checked_by; /* nullable */
  char *next_check;     /* "YYYY-MM-DD" */
  JsonObject *rest;
} LwControl;

LwControl *lw_control_new (const char *kind);
LwControl *lw_control_copy (const LwControl *self);
void lw_control_free (LwControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwControl, lw_control_free)

/* "network-boundary", "access-restriction", "monitoring", "manual-review", "reduced-exposure",
 * "data-handling", "other"; %NULL-terminated. */
const char *const *lw_control_kinds (void);

typedef struct
{
  char *id; /* UUIDv7 */
  char *title;
  char *category;         /* "Waiver" or "Mitigated"; others are kept */
  LwPerson *requester;    /* nullable */
  GPtrArray *grants;      /* (element-type LwGrant) */
  LwReason *reason;       /* never NULL */
  LwPerson *owner;        /* nullable */
  char *expires;          /* "YYYY-MM-DDTHH:MM:SSZ" */
  GPtrArray *remediation; /* (element-type LwRemediation) */
  GPtrArray *controls;    /* (element-type LwControl) */
  GPtrArray *evidence;    /* (element-type LwEvidence) */
  char *ticket;
  char *renews_request;      /* nullable */
  char *renews_what_changed; /* nullable */
  gboolean emergency;
  JsonObject *rest;
} LwRequest;

#define LW_TYPE_REQUEST (lw_request_get_type ())
GType lw_request_get_type (void);

/* An empty request with a fresh id. @id may be %NULL for a new UUIDv7 made from @now (microseconds of
 * UTC) and random bytes of the system. */
LwRequest *lw_request_new (const char *id);
LwRequest *lw_request_copy (const LwRequest *self);
void lw_request_free (LwRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRequest, lw_request_free)

/**
 * lw_request_from_json:
 * @node: what lw_json_parse() gave
 *
 * Reads a request or a draft: every member but "version" may be absent or null, but none may have
 * another type than its own.
 *
 * Returns: (transfer full): the request, or %NULL with %LW_DOMAIN_ERROR_TYPE (the message names the
 *   member as in "grants[0].references[2]") or %LW_DOMAIN_ERROR_VERSION
 */
LwRequest *lw_request_from_json (JsonNode *node, GError **error);
LwRequest *lw_request_from_bytes (GBytes *bytes, GError **error);

/* The whole object, with unknown members where they were. (transfer full) */
JsonNode *lw_request_to_json (const LwRequest *self);

/* SHA-256 of the canonical JSON, lower-case hex. (transfer full) */
char *lw_request_digest (const LwRequest *self, GError **error);

/* A UUIDv7 (RFC 9562) for the time @unix_ms. (transfer full) */
char *lw_uuid_v7 (gint64 unix_ms);
gboolean lw_uuid_is_valid (const char *text);

/* The grant with that number, or %NULL. */
LwGrant *lw_request_get_grant (const LwRequest *self, guint n);
/* The highest number used so far plus one. */
guint lw_request_next_grant_number (const LwRequest *self);

/* A UTC instant as requests, events and Azure write it: with or without a fraction of up to 7 digits,
 * "Z" or an offset; a bare date is its first instant. %NULL with %LW_DOMAIN_ERROR_TYPE otherwise. */
GDateTime *lw_instant_parse (const char *text, GError **error);
/* "YYYY-MM-DDTHH:MM:SSZ" (transfer full) */
char *lw_instant_format (GDateTime *instant);
/* "YYYY-MM-DD" only; whether it is a real day. */
gboolean lw_day_is_valid (const char *text);

G_END_DECLS
