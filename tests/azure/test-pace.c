/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who waits, how long, and in what order. */

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "lw-fault.h"
#include "lw-lane.h"
#include "lw-pace.h"
#include "lw-task.h"
#include "lw-test.h"
#include "lw-transport-private.h"

/* Buckets, by a clock of the test's own */

static LwAnswer *
answer (guint status, const char *name, ...)
{
  LwAnswer *self = g_atomic_rc_box_new0 (LwAnswer);
  va_list pairs;

  self->status = status;
  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->body = g_bytes_new_static ("", 0);
  va_start (pairs, name);
  for (const char *key = name; key != NULL; key = va_arg (pairs, const char *))
    g_hash_table_insert (self->headers, g_strdup (key), g_strdup (va_arg (pairs, const char *)));
  va_end (pairs);
  return self;
}

static GUri *
uri (const char *text)
{
  return g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
}

#define SUBSCRIPTION "https://arm.example/subscriptions/1/providers/x"
#define GRAPH        "https://arm.example/providers/Microsoft.ResourceGraph/resources"
#define READS        "x-ms-ratelimit-remaining-subscription-reads"

/* Asks as fast as it may for @seconds of a service that has @level reads left and refills them at @rate
 * a second. The least that was left. */
static double
ask_for (double seconds, double level, double rate, guint *asked)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri (SUBSCRIPTION);
  double now = 1000;
  double end = now + seconds;
  double least = level;

  *asked = 0;
  while (now < end)
    {
      g_autofree char *left = NULL;
      g_autoptr (LwAnswer) said = NULL;
      guint wait;

      lw_pace_set_now (pace, (gint64) (now * G_USEC_PER_SEC));
      wait = lw_pace_reserve (pace, "GET", target);
      now += wait / 1000.0;
      level = MIN (250, level + rate * wait / 1000.0) - 1;
      least = MIN (least, level);
      /* An answer takes two milliseconds. */
      now += 0.002;
      level = MIN (250, level + rate * 0.002);
      left = g_strdup_printf ("%d", (int) MAX (0, level));
      said = answer (200, READS, left, NULL);
      lw_pace_set_now (pace, (gint64) (now * G_USEC_PER_SEC));
      lw_pace_learn (pace, "GET", target, said);
      (*asked)++;
    }
  return least;
}

static void
test_bucket_is_never_empty (void)
{
  guint asked;

  g_assert_cmpfloat (ask_for (60, 250, 25, &asked), >, 5);
  /* It is not slower than need be either: what was there, and what came back. */
  g_assert_cmpuint (asked, >, 1600);
  g_assert_cmpuint (asked, <=, 250 + 60 * 25);
  /* Others ask too, so that it fills more slowly than it should. */
  g_assert_cmpfloat (ask_for (60, 250, 15, &asked), >, 0);
}

static void
test_unknown_is_free (void)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri ("https://graph.example/v1.0/users");
  g_autoptr (LwAnswer) silent = answer (200, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      g_assert_cmpuint (lw_pace_reserve (pace, "GET", target), ==, 0);
      lw_pace_learn (pace, "GET", target, silent);
    }
}

static void
test_buckets_are_apart (void)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) one = uri (SUBSCRIPTION);
  g_autoptr (GUri) same = uri ("https://arm.example/SUBSCRIPTIONS/1/resourceGroups?api-version=1");
  g_autoptr (GUri) other = uri ("https://arm.example/subscriptions/2/resourceGroups");
  g_autoptr (LwAnswer) empty =
      answer (200, READS, "0", "x-ms-ratelimit-remaining-tenant-reads", "11999", NULL);

  lw_pace_set_now (pace, 1000000);
  g_assert_cmpuint (lw_pace_reserve (pace, "GET", one), ==, 0);
  lw_pace_learn (pace, "GET", one, empty);
  g_assert_cmpuint (lw_pace_reserve (pace, "GET", same), >, 900);
  g_assert_cmpuint (lw_pace_reserve (pace, "PUT", one), ==, 0);
  g_assert_cmpuint (lw_pace_reserve (pace, "DELETE", one), ==, 0);
  g_assert_cmpuint (lw_pace_reserve (pace, "GET", other), ==, 0);
}

/* The classic limits of an hour, with thousands left. */
static void
test_plenty (void)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri (SUBSCRIPTION);
  g_autoptr (LwAnswer) plenty = answer (200, READS, "11999", NULL);

  for (guint i = 0; i < 500; i++)
    {
      g_assert_cmpuint (lw_pace_reserve (pace, "GET", target), ==, 0);
      lw_pace_learn (pace, "GET", target, plenty);
    }
}

static void
test_graph_quota (void)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri (GRAPH);
  g_autoptr (GUri) reads = uri (SUBSCRIPTION);
  guint waited = 0;
  gint64 now = 1000000;

  for (int left = 14; left >= 0; left--)
    {
      g_autofree char *text = g_strdup_printf ("%d", left);
      g_autoptr (LwAnswer) said = answer (200, "x-ms-user-quota-remaining", text,
                                          "x-ms-user-quota-resets-after", "00:00:05", NULL);

      lw_pace_set_now (pace, now);
      waited += lw_pace_reserve (pace, "POST", target);
      lw_pace_learn (pace, "POST", target, said);
      if (left >= 4)
        g_assert_cmpuint (waited, ==, 0);
    }
  g_assert_cmpuint (waited, >, 1000);
  /* None left: not before the five seconds are over. */
  g_assert_cmpuint (lw_pace_reserve (pace, "POST", target), >=, 5000);
  g_assert_cmpuint (lw_pace_reserve (pace, "GET", reads), ==, 0);
  lw_pace_set_now (pace, now + 6 * G_USEC_PER_SEC);
  g_assert_cmpuint (lw_pace_reserve (pace, "POST", target), ==, 0);
}

static void
test_nonsense (void)
{
  static const char *const values[] = { "", "-1", "many", "99999999999999999999", "1.5" };
  static const char *const spans[] = { "", "5", "aa:bb:cc", "00:00:-1", "::", "1:2:3:4" };
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri (SUBSCRIPTION);
  g_autoptr (GUri) graph = uri (GRAPH);

  lw_pace_set_now (pace, 1000000);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (LwAnswer) said = answer (200, READS, values[i], NULL);

      g_assert_cmpuint (lw_pace_reserve (pace, "GET", target), ==, 0);
      lw_pace_learn (pace, "GET", target, said);
    }
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      g_autoptr (LwAnswer) said = answer (200, "x-ms-user-quota-remaining", "0",
                                          "x-ms-user-quota-resets-after", spans[i], NULL);

      lw_pace_reserve (pace, "POST", graph);
      lw_pace_learn (pace, "POST", graph, said);
      g_assert_cmpuint (lw_pace_reserve (pace, "POST", graph), <=, 30000);
    }
}

static void
test_blocked (void)
{
  g_autoptr (LwPace) pace = lw_pace_new ();
  g_autoptr (GUri) target = uri (SUBSCRIPTION);
  g_autoptr (LwAnswer) refusal = answer (429, "retry-after", "17", NULL);

  lw_pace_set_now (pace, 1000000);
  g_assert_cmpuint (lw_pace_blocked (pace, "GET", target), ==, 0);
  lw_pace_reserve (pace, "GET", target);
  lw_pace_learn (pace, "GET", target, refusal);
  g_assert_cmpuint (lw_pace_blocked (pace, "GET", target), ==, 17000);
  g_assert_error (lw_pace_get_refusal (pace, "GET", target), LW_AZURE_ERROR,
                  LW_AZURE_ERROR_THROTTLED);
  g_assert_cmpuint (lw_pace_blocked (pace, "PUT", target), ==, 0);
  /* However many others there are, what is blocked stays so. */
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *text = g_strdup_printf ("https://arm.example/subscriptions/x%u/y", i);
      g_autoptr (GUri) other = uri (text);

      g_assert_cmpuint (lw_pace_blocked (pace, "GET", other), ==, 0);
    }
  g_assert_cmpuint (lw_pace_blocked (pace, "GET", target), ==, 17000);
  lw_pace_set_now (pace, 18 * G_USEC_PER_SEC);
  g_assert_cmpuint (lw_pace_blocked (pace, "GET", target), ==, 0);
  g_assert_null (lw_pace_get_refusal (pace, "GET", target));
}

static void
test_retry_after (void)
{
  gint64 now = 1767225600; /* 2026-01-01 */

  g_assert_cmpint (lw_retry_after ("3", now), ==, 3000);
  g_assert_cmpint (lw_retry_after ("Thu, 01 Jan 2026 00:00:09 GMT", now), ==, 9000);
  g_assert_cmpint (lw_retry_after ("Wed, 31 Dec 2025 00:00:00 GMT", now), ==, 0);
  g_assert_cmpint (lw_retry_after ("soon", now), ==, -1);
  g_assert_cmpint (lw_retry_after (NULL, now), ==, -1);
}

/* Lanes */

typedef struct
{
  LwLane *lane;
  GString *order;
  char name;
  DexPromise *go; /* nullable */
} Walker;

static DexFuture *
walk_fiber (gpointer data)
{
  Walker *walker = data;
  g_autoptr (GError) error = NULL;

  if (!lw_lane_enter (walker->lane, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_string_append_c (walker->order, walker->name);
  if (walker->go != NULL)
    dex_await (lw_gate (dex_ref (DEX_FUTURE (walker->go))), NULL);
  lw_lane_leave (walker->lane);
  return dex_future_new_for_boolean (TRUE);
}

static void
turn (guint turns)
{
  for (guint i = 0; i < turns; i++)
    g_main_context_iteration (NULL, FALSE);
}

typedef struct
{
  LwLane *lane;
  GString *order;
  char name;
  guint count;
} Crowd;

/* One that asks for many things at once. */
static DexFuture *
crowd_fiber (gpointer data)
{
  Crowd *crowd = data;
  Walker walker = { .lane = crowd->lane, .order = crowd->order, .name = crowd->name };
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);

  for (guint i = 0; i < crowd->count; i++)
    g_ptr_array_add (futures, lw_spawn (walk_fiber, &walker, NULL));
  for (guint i = 0; i < futures->len; i++)
    dex_await (dex_ref (g_ptr_array_index (futures, i)), NULL);
  return dex_future_new_for_boolean (TRUE);
}

static void
test_by_turns (void)
{
  g_autoptr (LwLane) lane = lw_lane_new (1);
  g_autoptr (GString) order = g_string_new (NULL);
  Walker holder = { .lane = lane, .order = order, .name = '-', .go = dex_promise_new () };
  Crowd many = { .lane = lane, .order = order, .name = 'm', .count = 20 };
  Crowd few = { .lane = lane, .order = order, .name = 'f', .count = 2 };
  DexFuture *first = lw_spawn (walk_fiber, &holder, NULL);
  DexFuture *a;
  DexFuture *b;

  turn (5);
  a = lw_spawn (crowd_fiber, &many, NULL);
  turn (5);
  b = lw_spawn (crowd_fiber, &few, NULL);
  turn (5);
  g_assert_cmpuint (lw_lane_get_waiting (lane), ==, 22);
  dex_promise_resolve_boolean (holder.go, TRUE);
  g_assert_true (lw_test_boolean (a, NULL));
  g_assert_true (lw_test_boolean (b, NULL));
  g_assert_true (lw_test_boolean (first, NULL));
  g_assert_cmpstr (order->str, ==, "-mfmfmmmmmmmmmmmmmmmmmm");
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 0);
  dex_unref (holder.go);
}

static void
test_width (void)
{
  g_autoptr (LwLane) lane = lw_lane_new (3);
  g_autoptr (GString) order = g_string_new (NULL);
  Walker walker = { .lane = lane, .order = order, .name = 'x', .go = dex_promise_new () };
  DexFuture *futures[10];

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = lw_spawn (walk_fiber, &walker, NULL);
  turn (20);
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 3);
  g_assert_cmpuint (lw_lane_get_waiting (lane), ==, 7);
  /* Two that wait go away, and one that is in. */
  dex_clear (&futures[4]);
  dex_clear (&futures[9]);
  dex_clear (&futures[0]);
  turn (20);
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 3);
  g_assert_cmpuint (lw_lane_get_waiting (lane), ==, 4);
  /* And one in the very turn in which it is let in. */
  dex_promise_resolve_boolean (walker.go, TRUE);
  dex_clear (&futures[3]);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      if (futures[i] != NULL)
        g_assert_true (lw_test_boolean (futures[i], NULL));
    }
  turn (20);
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 0);
  g_assert_cmpuint (lw_lane_get_waiting (lane), ==, 0);
  dex_unref (walker.go);
}

/* All together: never more at once than connections, and what waits can be cancelled. */

typedef struct
{
  guint now;
  guint most;
  GPtrArray *held; /* messages that have no answer yet */
} Doorman;

static void
hold (LwTestServer *server,
      SoupServerMessage *message,
      const char *path,
      GHashTable *query,
      gpointer data)
{
  Doorman *self = data;

  soup_server_message_pause (message);
  g_ptr_array_add (self->held, g_object_ref (message));
  self->most = MAX (self->most, self->held->len);
}

static gboolean
door_is_full (gpointer data)
{
  return ((Doorman *) data)->held->len >= LW_WIRE_CONNS;
}

static void
let_out (Doorman *self)
{
  g_autoptr (GPtrArray) held = g_steal_pointer (&self->held);

  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < held->len; i++)
    {
      SoupServerMessage *message = g_ptr_array_index (held, i);

      lw_test_answer (message, 200, "application/json", "{}");
      soup_server_message_unpause (message);
    }
}

static void
test_queue (void)
{
  Doorman doorman = { .held = g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr (LwTestServer) server = lw_test_server_new (hold, &doorman);
  g_autoptr (LwClient) client = lw_test_client (server->base, 30000);
  LwTransport *transport = lw_client_get_transport (client);
  DexFuture *futures[40];
  guint done = 0;

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autofree char *url = g_strdup_printf ("%s/%u", server->base, i);

      futures[i] = lw_transport_json (transport, LW_AUDIENCE_ARM, "GET", url, NULL, TRUE);
    }
  lw_test_until (door_is_full, &doorman);
  turn (50);
  g_assert_cmpuint (server->requests->len, ==, LW_WIRE_CONNS);
  for (guint i = 20; i < G_N_ELEMENTS (futures); i++)
    dex_clear (&futures[i]);
  while (done < 20)
    {
      let_out (&doorman);
      g_main_context_iteration (NULL, TRUE);
      done = 0;
      for (guint i = 0; i < 20; i++)
        done += dex_future_is_resolved (futures[i]);
    }
  g_assert_cmpuint (server->requests->len, ==, 20);
  g_assert_cmpuint (doorman.most, ==, LW_WIRE_CONNS);
  for (guint i = 0; i < 20; i++)
    dex_unref (futures[i]);
  g_ptr_array_unref (doorman.held);
}

/* One call that is told to wait makes the others wait as well. */

static void
play_throttled (LwTestServer *server,
                SoupServerMessage *message,
                const char *path,
                GHashTable *query,
                gpointer data)
{
  if (server->requests->len == 1)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                    "Retry-After", "1");
      lw_test_answer (message, 429, "application/json", "{\"error\":{\"code\":\"TooMany\"}}");
    }
  else
    {
      lw_test_answer (message, 200, "application/json", "{}");
    }
}

static gboolean
was_refused (gpointer data)
{
  return ((LwTestServer *) data)->requests->len > 0;
}

static void
test_others_wait_too (void)
{
  g_autoptr (LwTestServer) server = lw_test_server_new (play_throttled, NULL);
  g_autoptr (LwClient) client = lw_test_client (server->base, 20000);
  LwTransport *transport = lw_client_get_transport (client);
  gint64 start = g_get_monotonic_time ();
  DexFuture *first =
      lw_transport_json (transport, LW_AUDIENCE_ARM, "GET", server->base, NULL, TRUE);
  g_autoptr (JsonNode) one = NULL;
  g_autoptr (JsonNode) other = NULL;
  GUri *target = uri (server->base);

  lw_test_until (was_refused, server);
  while (lw_pace_blocked (transport->pace, "GET", target) == 0)
    g_main_context_iteration (NULL, TRUE);
  other = lw_test_boxed (
      lw_transport_json (transport, LW_AUDIENCE_ARM, "GET", server->base, NULL, TRUE), NULL);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  one = lw_test_boxed (first, NULL);
  g_assert_cmpuint (server->requests->len, ==, 3);
  g_uri_unref (target);
}

static DexFuture *
late_fiber (gpointer data)
{
  GError *error = NULL;

  g_assert_false (
      lw_lane_enter_until (data, g_get_monotonic_time () + 20 * G_TIME_SPAN_MILLISECOND, &error));
  return dex_future_new_for_error (error);
}

/* Who waits no longer leaves nothing behind, and keeps nobody from entering. */
static void
test_lane_until (void)
{
  g_autoptr (LwLane) lane = lw_lane_new (1);
  g_autoptr (GString) order = g_string_new (NULL);
  Walker holder = { .lane = lane, .order = order, .name = 'h', .go = dex_promise_new () };
  Walker next = { .lane = lane, .order = order, .name = 'n' };
  DexFuture *held = lw_spawn (walk_fiber, &holder, NULL);
  g_autoptr (GError) error = NULL;

  turn (10);
  g_assert_false (lw_test_boolean (lw_spawn (late_fiber, lane, NULL), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (lw_lane_get_waiting (lane), ==, 0);
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 1);
  dex_promise_resolve_boolean (holder.go, TRUE);
  g_assert_true (lw_test_boolean (held, NULL));
  g_assert_true (lw_test_boolean (lw_spawn (walk_fiber, &next, NULL), NULL));
  g_assert_cmpstr (order->str, ==, "hn");
  g_assert_cmpuint (lw_lane_get_used (lane), ==, 0);
  dex_unref (holder.go);
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace/never-empty", test_bucket_is_never_empty);
  g_test_add_func ("/pace/unknown", test_unknown_is_free);
  g_test_add_func ("/pace/apart", test_buckets_are_apart);
  g_test_add_func ("/pace/plenty", test_plenty);
  g_test_add_func ("/pace/graph", test_graph_quota);
  g_test_add_func ("/pace/nonsense", test_nonsense);
  g_test_add_func ("/pace/blocked", test_blocked);
  g_test_add_func ("/pace/retry-after", test_retry_after);
  g_test_add_func ("/lane/by-turns", test_by_turns);
  g_test_add_func ("/lane/width", test_width);
  g_test_add_func ("/lane/until", test_lane_until);
  g_test_add_func ("/transport/queue", test_queue);
  g_test_add_func ("/transport/others-wait", test_others_wait_too);
  return g_test_run ();
}
