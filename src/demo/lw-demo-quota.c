/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-quota.h"

#include "lw-demo-json.h"

#define PLENTY         14 /* what Resource Graph says is left where nobody is throttled */
#define WINDOW_SECONDS 5
#define REFILL_SECONDS 10

typedef struct
{
  double left;
  gint64 since; /* monotonic: of the last look, or of the window's beginning */
} Bucket;

static Bucket *
bucket_for (LwDemoCall *self, const char *kind, const char *place)
{
  g_autofree char *key = g_strdup_printf ("%s %s %s", self->caller->person->oid, kind, place);
  Bucket *bucket;

  if (self->demo->buckets == NULL)
    self->demo->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  bucket = g_hash_table_lookup (self->demo->buckets, key);
  if (bucket == NULL)
    {
      bucket = g_new0 (Bucket, 1);
      bucket->left = self->demo->quota;
      bucket->since = g_get_monotonic_time ();
      g_hash_table_insert (self->demo->buckets, g_steal_pointer (&key), bucket);
    }

  return bucket;
}

static const char *
verb_of (LwDemoCall *self)
{
  return lw_demo_call_is (self, "DELETE")                                  ? "delete"
         : lw_demo_call_is (self, "GET") || lw_demo_call_is (self, "POST") ? "read"
                                                                           : "write";
}

gboolean
lw_demo_quota_take (LwDemoCall *self)
{
  gboolean here = lw_demo_call_path_is (self, 0, "subscriptions") && self->n_path > 1;
  const char *place = here ? self->path[1] : self->tenant->id;
  const char *verb = verb_of (self);
  g_autofree char *header =
      g_strdup_printf ("x-ms-ratelimit-remaining-%s-%ss", here ? "subscription" : "tenant", verb);
  g_autofree char *left = NULL;
  Bucket *bucket;
  gint64 now;

  if (self->demo->quota == 0)
    return TRUE;
  bucket = bucket_for (self, verb, place);
  now = g_get_monotonic_time ();
  bucket->left =
      MIN (self->demo->quota, bucket->left + (double) (now - bucket->since) / G_USEC_PER_SEC *
                                                 self->demo->quota / REFILL_SECONDS);
  bucket->since = now;
  if (bucket->left < 1)
    {
      lw_demo_call_set_header (self, "Retry-After", "1");
      lw_demo_call_set_header (self, header, "0");
      lw_demo_call_fail_gateway (
          self, 429, "SubscriptionRequestsThrottled",
          "Number of '%s' requests for subscription '%s' actor '%s' exceeded. Please try again "
          "after '1' seconds after additional tokens are available. Refer to "
          "https://aka.ms/arm-throttling for additional information.",
          verb, place, self->caller->person->oid);
      return FALSE;
    }
  bucket->left -= 1;
  left = g_strdup_printf ("%u", (guint) bucket->left);
  lw_demo_call_set_header (self, header, left);

  return TRUE;
}

static void
say_what_is_left (LwDemoCall *self, guint left, guint seconds)
{
  g_autofree char *number = g_strdup_printf ("%u", left);
  g_autofree char *time = g_strdup_printf ("00:00:%02u", seconds);

  lw_demo_call_set_header (self, "x-ms-user-quota-remaining", number);
  lw_demo_call_set_header (self, "x-ms-user-quota-resets-after", time);
  lw_demo_call_set_header (self, "x-ms-ratelimit-remaining-tenant-resource-requests", number);
}

static void
refuse_query (LwDemoCall *self, guint seconds)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonObject *error = json_object_new ();
  JsonObject *detail = json_object_new ();
  JsonArray *details = json_array_new ();
  g_autofree char *stamp = lw_demo_stamp (g_get_real_time ());
  g_autofree char *text = g_strdup_printf ("Please provide below info when asking for support: "
                                           "timestamp = %s, correlationId = %s.",
                                           stamp, self->request_id);
  g_autofree char *wait = g_strdup_printf ("%u", seconds);

  json_object_set_string_member (error, "code", "RateLimiting");
  json_object_set_string_member (error, "message", text);
  json_object_set_string_member (detail, "code", "RateLimiting");
  json_object_set_string_member (
      detail, "message",
      "Client application has been throttled and should not attempt to repeat the request until an "
      "amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.");
  json_array_add_object_element (details, detail);
  json_object_set_array_member (error, "details", details);
  json_object_set_object_member (answer, "error", error);
  lw_demo_call_set_header (self, "Retry-After", wait);
  lw_demo_call_reply_object (self, 429, answer);
}

gboolean
lw_demo_quota_take_query (LwDemoCall *self)
{
  gint64 now = g_get_monotonic_time ();
  Bucket *bucket;
  guint seconds;

  if (self->demo->quota == 0)
    {
      say_what_is_left (self, PLENTY, WINDOW_SECONDS);
      return TRUE;
    }
  bucket = bucket_for (self, "query", "");
  if (now - bucket->since >= WINDOW_SECONDS * G_USEC_PER_SEC)
    {
      bucket->left = self->demo->quota;
      bucket->since = now;
    }
  seconds =
      (guint) CLAMP (WINDOW_SECONDS - (now - bucket->since) / G_USEC_PER_SEC, 1, WINDOW_SECONDS);
  if (bucket->left < 1)
    {
      say_what_is_left (self, 0, seconds);
      refuse_query (self, seconds);
      return FALSE;
    }
  bucket->left -= 1;
  say_what_is_left (self, (guint) bucket->left, seconds);

  return TRUE;
}
