/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-pace.h"

#include <string.h>

#include "lw-fault.h"

#define MAX_BUCKETS 512
#define MAX_WAIT_MS 30000
#define RESERVE     0.1 /* of a bucket: what is kept back for those who share it */

typedef enum
{
  KIND_READS,
  KIND_WRITES,
  KIND_DELETES,
  KIND_GRAPH
} Kind;

static const struct
{
  const char *ending; /* of the header that says what is left */
  double capacity;
  double rate; /* a second */
} kinds[] = {
  { "-reads", 250, 25 },
  { "-writes", 200, 10 },
  { "-deletes", 200, 10 },
  { NULL, 15, 3 },
};

typedef struct
{
  Kind kind;
  gboolean known;
  double capacity;
  double level; /* at @at */
  gint64 at;
  gint64 window_end; /* Resource Graph: when the quota is whole again */
  gint64 blocked_until;
  guint in_flight;
  GError *refusal; /* nullable: of the last answer that asked to wait, while that holds */
} Bucket;

static void
bucket_free (gpointer data)
{
  Bucket *self = data;

  g_clear_error (&self->refusal);
  g_free (self);
}

struct _LwPace
{
  GHashTable *buckets;
  gint64 now;
};

LwPace *
lw_pace_new (void)
{
  LwPace *self = g_new0 (LwPace, 1);

  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bucket_free);
  self->now = -1;
  return self;
}

void
lw_pace_free (LwPace *self)
{
  g_hash_table_unref (self->buckets);
  g_free (self);
}

void
lw_pace_set_now (LwPace *self, gint64 now)
{
  self->now = now;
}

static gint64
now_of (LwPace *self)
{
  return self->now >= 0 ? self->now : g_get_monotonic_time ();
}

static Kind
kind_of (const char *method, const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (strstr (lower, "/providers/microsoft.resourcegraph/resources") != NULL)
    return KIND_GRAPH;
  if (g_str_equal (method, "GET") || g_str_equal (method, "HEAD"))
    return KIND_READS;
  return g_str_equal (method, "DELETE") ? KIND_DELETES : KIND_WRITES;
}

/* Host, subscription (or none: the tenant's) and kind. */
static char *
key_of (Kind kind, GUri *uri)
{
  g_autofree char *path = g_ascii_strdown (g_uri_get_path (uri), -1);
  const char *subscription = g_str_has_prefix (path, "/subscriptions/") ? path + 15 : "";

  return g_strdup_printf ("%s:%d %u %.*s", g_uri_get_host (uri), g_uri_get_port (uri), kind,
                          kind == KIND_GRAPH ? 0 : (int) strcspn (subscription, "/"), subscription);
}

/* Neither under way nor blocked: what is lost is how full it was. */
static gboolean
is_idle (gpointer key, gpointer value, gpointer data)
{
  const Bucket *bucket = value;

  return bucket->in_flight == 0 && bucket->blocked_until <= *(gint64 *) data;
}

static Bucket *
bucket_for (LwPace *self, const char *method, GUri *uri)
{
  Kind kind = kind_of (method, g_uri_get_path (uri));
  g_autofree char *key = key_of (kind, uri);
  Bucket *bucket = g_hash_table_lookup (self->buckets, key);

  if (bucket != NULL)
    return bucket;
  if (g_hash_table_size (self->buckets) >= MAX_BUCKETS)
    {
      gint64 now = now_of (self);

      g_hash_table_foreach_remove (self->buckets, is_idle, &now);
    }
  bucket = g_new0 (Bucket, 1);
  bucket->kind = kind;
  bucket->capacity = kinds[kind].capacity;
  g_hash_table_insert (self->buckets, g_steal_pointer (&key), bucket);
  return bucket;
}

static void
refill (Bucket *self, gint64 now)
{
  double seconds = (double) (now - self->at) / G_USEC_PER_SEC;

  if (self->kind == KIND_GRAPH)
    {
      if (now >= self->window_end)
        {
          self->level = self->capacity - self->in_flight;
          self->window_end =
              now + (gint64) (self->capacity / kinds[KIND_GRAPH].rate) * G_USEC_PER_SEC;
        }
    }
  else if (self->level < self->capacity)
    {
      self->level = MIN (self->capacity, self->level + seconds * kinds[self->kind].rate);
    }
  self->at = now;
}

/* Seconds to wait, once one more has been taken. */
static double
wait_for (const Bucket *self, gint64 now)
{
  double reserve = self->capacity * RESERVE;

  if (self->kind == KIND_GRAPH)
    {
      double left = (double) (self->window_end - now) / G_USEC_PER_SEC;

      if (self->level >= 3)
        return 0;
      /* The last ones are spread over what is left of the window. */
      return self->level >= 0 ? left * (3 - self->level) / 4
                              : left - self->level / kinds[KIND_GRAPH].rate;
    }
  return self->level >= reserve ? 0 : (reserve - self->level) / kinds[self->kind].rate;
}

guint
lw_pace_reserve (LwPace *self, const char *method, GUri *uri)
{
  Bucket *bucket = bucket_for (self, method, uri);
  gint64 now = now_of (self);
  double wait = 0;

  bucket->in_flight++;
  if (bucket->known)
    {
      refill (bucket, now);
      bucket->level -= 1;
      wait = wait_for (bucket, now) * 1000;
    }
  return (guint) CLAMP (wait, 0, MAX_WAIT_MS);
}

void
lw_pace_cancel (LwPace *self, const char *method, GUri *uri)
{
  Bucket *bucket = bucket_for (self, method, uri);

  if (bucket->in_flight > 0)
    bucket->in_flight--;
  bucket->level += 1;
}

guint
lw_pace_blocked (LwPace *self, const char *method, GUri *uri)
{
  Bucket *bucket = bucket_for (self, method, uri);
  gint64 left = (bucket->blocked_until - now_of (self)) / 1000;

  if (left <= 0)
    g_clear_error (&bucket->refusal);
  return (guint) CLAMP (left, 0, G_MAXINT);
}

const GError *
lw_pace_get_refusal (LwPace *self, const char *method, GUri *uri)
{
  return bucket_for (self, method, uri)->refusal;
}

/* "hh:mm:ss" in microseconds; -1 for anything else. */
static gint64
read_span (const char *text)
{
  gint64 total = 0;
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, ":", 4) : NULL;

  if (parts == NULL || g_strv_length (parts) != 3)
    return -1;
  for (guint i = 0; i < 3; i++)
    {
      guint64 part;

      if (!g_ascii_string_to_unsigned (parts[i], 10, 0, 1000, &part, NULL))
        return -1;
      total = total * 60 + (gint64) part;
    }
  return total * G_USEC_PER_SEC;
}

/* The least of what the headers of the bucket's kind say is left; -1 where they say nothing. */
static gint64
read_left (const Bucket *bucket, LwAnswer *answer)
{
  GHashTableIter iter;
  gpointer name;
  gpointer value;
  gint64 left = -1;

  g_hash_table_iter_init (&iter, answer->headers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      guint64 number;
      gboolean mine = bucket->kind == KIND_GRAPH
                          ? g_str_equal (name, "x-ms-user-quota-remaining")
                          : g_str_has_prefix (name, "x-ms-ratelimit-remaining-") &&
                                g_str_has_suffix (name, kinds[bucket->kind].ending);

      if (mine && g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT, &number, NULL) &&
          (left < 0 || (gint64) number < left))
        left = (gint64) number;
    }
  return left;
}

static void
learn_level (Bucket *bucket, LwAnswer *answer, gint64 now)
{
  gint64 left = read_left (bucket, answer);
  gint64 span = read_span (lw_answer_get_header (answer, "x-ms-user-quota-resets-after"));

  if (left < 0)
    return;
  bucket->known = TRUE;
  bucket->at = now;
  /* Those under way may not have been counted yet. */
  bucket->level = (double) left - bucket->in_flight;
  bucket->capacity = MAX (bucket->capacity, (double) left);
  if (bucket->kind == KIND_GRAPH)
    bucket->window_end = now + (span >= 0 ? MIN (span, 60 * G_USEC_PER_SEC) : G_USEC_PER_SEC);
}

void
lw_pace_learn (LwPace *self, const char *method, GUri *uri, LwAnswer *answer)
{
  Bucket *bucket = bucket_for (self, method, uri);
  gint64 now = now_of (self);
  gint64 wait_ms;
  g_autofree char *address = NULL;

  if (bucket->in_flight > 0)
    bucket->in_flight--;
  if (answer == NULL)
    return;
  learn_level (bucket, answer, now);
  if (answer->status != 429)
    return;
  wait_ms = lw_answer_retry_after (answer);
  if (wait_ms <= 0)
    return;
  bucket->blocked_until = MAX (bucket->blocked_until, now + wait_ms * 1000);
  g_clear_error (&bucket->refusal);
  address =
      g_uri_to_string_partial (uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  bucket->refusal = lw_fault_new (method, address, answer);
}
