/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Thousands of exchanges, many of them cancelled at whatever moment, while others go on. */

#include "config.h"

#include <string.h>

#include "lw-test-certificate.h"
#include "lw-test-crowd.h"
#include "lw-test.h"
#include "lw-transport-private.h"

#define EXCHANGES 2500
#define AT_ONCE   24

typedef enum
{
  FATE_LIVE,
  FATE_TURNS, /* dropped after so many turns of the main loop */
  FATE_DONE,  /* dropped in the turn in which it is done */
  FATE_COUNT
} Fate;

typedef struct
{
  DexFuture *future; /* nullable */
  Fate fate;
  guint turns;
  gsize size;
} Call;

typedef struct
{
  LwTestCrowd *crowd;
  LwClient *client;
  LwTransport *transport;
  GRand *dice;
  guint begun;
  guint finished;
  guint dropped;
} Stress;

static void
begin (Stress *self, Call *call)
{
  static const gsize sizes[] = { 0, 20, 20, 3000, 70000, 400000 };
  g_autofree char *url = NULL;

  call->size = sizes[g_rand_int_range (self->dice, 0, G_N_ELEMENTS (sizes))];
  /* Before 3.7.1 libsoup loses track of how much of a long answer it has room for. */
  if (self->crowd->certificate != NULL && !soup_check_version (3, 7, 1))
    call->size = MIN (call->size, 3000);
  call->fate = (Fate) g_rand_int_range (self->dice, 0, FATE_COUNT);
  call->turns = (guint) g_rand_int_range (self->dice, 0, g_rand_boolean (self->dice) ? 5 : 60);
  if (g_rand_boolean (self->dice))
    url = g_strdup_printf ("%s/%" G_GSIZE_FORMAT "/x?pause=%d", self->crowd->base, call->size,
                           g_rand_int_range (self->dice, 0, 4));
  else
    url = g_strdup_printf ("%s/%" G_GSIZE_FORMAT "/x", self->crowd->base, call->size);
  call->future = lw_transport_send (self->transport, LW_AUDIENCE_ARM, "GET", url, NULL, NULL, NULL,
                                    g_rand_int_range (self->dice, 0, 8) > 0);
  self->begun++;
}

static void
check_result (Call *call)
{
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (call->future, &error);
  LwAnswer *answer;

  g_assert_no_error (error);
  answer = g_value_get_boxed (value);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpuint (g_bytes_get_size (answer->body), ==, call->size);
}

/* One turn of a call: what became of it, or whether its time has come. */
static void
look_after (Stress *self, Call *call)
{
  gboolean done = call->future != NULL && !dex_future_is_pending (call->future);

  if (call->future == NULL)
    return;
  if (call->fate == FATE_TURNS && call->turns-- == 0)
    {
      self->dropped++;
      dex_clear (&call->future);
    }
  else if (done)
    {
      if (call->fate == FATE_DONE)
        self->dropped++;
      else
        self->finished++;
      check_result (call);
      dex_clear (&call->future);
    }
}

static guint
run_all (Stress *self, guint exchanges)
{
  Call calls[AT_ONCE] = { 0 };
  guint live = 0;
  gint64 limit = g_get_monotonic_time () + 90 * G_USEC_PER_SEC;

  do
    {
      live = 0;
      for (guint i = 0; i < AT_ONCE; i++)
        {
          if (calls[i].future == NULL && self->begun < exchanges)
            begin (self, &calls[i]);
        }
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_get_monotonic_time (), <, limit);
      for (guint i = 0; i < AT_ONCE; i++)
        {
          look_after (self, &calls[i]);
          live += calls[i].future != NULL;
        }
    }
  while (live > 0 || self->begun < exchanges);
  return self->finished;
}

static guint
places_taken (Stress *self)
{
  GHashTableIter iter;
  gpointer lane;
  guint taken = 0;

  g_hash_table_iter_init (&iter, self->transport->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    taken += lw_lane_get_used (lane) + lw_lane_get_waiting (lane);
  return taken;
}

static gboolean
nothing_left (gpointer data)
{
  Stress *self = data;

  return lw_wire_get_pending (self->transport->wire) == 0 && places_taken (self) == 0;
}

/* All connections can be used at once: none of them waits for something that nobody reads. */
static void
check_connections (Stress *self)
{
  DexFuture *futures[LW_WIRE_CONNS];
  g_autofree char *url = g_strconcat (self->crowd->base, "/9/x?pause=100", NULL);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] =
        lw_transport_send (self->transport, LW_AUDIENCE_ARM, "GET", url, NULL, NULL, NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autoptr (LwAnswer) answer = lw_test_boxed (futures[i], NULL);

      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 9);
    }
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

/* A queue of fibers that was corrupted would turn for ever. */
static void
check_rest (void)
{
  guint turns = 0;

  while (turns < 10000 && g_main_context_iteration (NULL, FALSE))
    turns++;
  g_assert_cmpuint (turns, <, 10000);
}

static void
stress (GTlsCertificate *certificate, const char *ca_file)
{
  g_autoptr (LwTestCrowd) crowd = lw_test_crowd_new (certificate);
  g_autoptr (LwProfile) profile = lw_test_profile (crowd->base, ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new_for_token (profile, LW_TEST_TOKEN);
  g_autoptr (LwClient) client = lw_client_new (profile, identity);
  g_autoptr (GRand) dice = NULL;
  guint32 seed = (guint32) g_test_rand_int ();
  const char *count = g_getenv ("LW_STRESS");
  Stress self = { .crowd = crowd, .client = client };

  g_test_message ("seed %u", seed);
  dice = g_rand_new_with_seed (seed);
  self.dice = dice;
  self.transport = lw_client_get_transport (client);
  lw_transport_set_deadline (self.transport, 60000, 5);
  lw_wire_allow_http2 (self.transport->wire, TRUE);
  run_all (&self, count != NULL ? (guint) g_ascii_strtoull (count, NULL, 10) : EXCHANGES);
  g_test_message ("%u finished, %u dropped, the server saw %d", self.finished, self.dropped,
                  g_atomic_int_get (&crowd->requests));
  g_assert_cmpuint (self.finished, >, 0);
  g_assert_cmpuint (self.dropped, >, 0);
  lw_test_until (nothing_left, &self);
  check_connections (&self);
  g_assert_cmpint (g_atomic_int_get (&crowd->by_http2), ==,
                   certificate != NULL ? g_atomic_int_get (&crowd->requests) : 0);
  lw_test_until (nothing_left, &self);
  check_rest ();
}

static void
test_plain (void)
{
  stress (NULL, NULL);
}

static void
test_http2 (void)
{
  lw_test_with_certificate (stress);
}

int
main (int argc, char **argv)
{
  g_setenv ("SOUP_SERVER_HTTP2", "1", TRUE); /* libsoup's own server offers it when told so */
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stress/plain", test_plain);
  g_test_add_func ("/stress/http2", test_http2);
  return g_test_run ();
}
