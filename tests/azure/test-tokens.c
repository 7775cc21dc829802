/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens over time: challenges, rotation between processes, clocks, device codes that take a while. */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-identity-private.h"
#include "lw-json.h"
#include "lw-keyring.h"
#include "lw-test-browser.h"
#include "lw-test-keyring.h"
#include "lw-test-people.h"

#define STRANGER "00000000-0000-4000-8000-0000000000ee"
#define ON_LIST  "\"method\":\"GET\",\"path\":\"/subscriptions\""
#define ON_TOKEN "\"method\":\"POST\",\"path\":\"*/oauth2/v2.0/token\""
#define CLAIMS                                                                                     \
  "{\\\"access_token\\\":{\\\"nbf\\\":{\\\"essential\\\":true,\\\"value\\\":\\\"1\\\"}}}"
#define PROFILE_NAME  "LEEWAY_TEST_PROFILE"
#define CHILDREN      4
#define CHILD_RENEWAL 5

typedef struct
{
  LwTestFaulty *faulty;
  LwProfile *profile;
  LwIdentity *identity;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->faulty = lw_test_faulty_new (data);
  if (self->faulty == NULL)
    {
      g_test_skip ("The simulated tenant or openssl is not here");
      return;
    }
  self->profile = lw_test_tenant_profile (self->faulty->tenant, self->faulty->ca_file);
  self->identity = lw_identity_new (self->profile);
  lw_identity_set_second (self->identity, lw_test_patience (50));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->faulty == NULL)
    return;
  lw_test_faulty_set (self->faulty, "");
  if (lw_identity_get_person (self->identity) != NULL)
    g_assert_true (lw_test_boolean (
        lw_keyring_clear (self->profile, lw_identity_get_person (self->identity)->id), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_clear (self->profile, STRANGER), NULL));
  g_object_unref (self->identity);
  lw_profile_unref (self->profile);
  lw_test_faulty_free (self->faulty);
}

/* Signs in and keeps it. */
static void
sign_in (Fixture *self)
{
  g_autoptr (LwTestBrowser) browser = lw_test_browser_new (PRIYA, TRUE, self->faulty->ca_file);
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, self->identity), &error));
  g_assert_no_error (error);
  lw_test_until (lw_test_browser_has_page, browser);
}

static gboolean
list (Fixture *self, GError **error)
{
  g_autoptr (LwClient) client = lw_client_new (self->profile, self->identity);
  g_autoptr (GPtrArray) found = NULL;

  lw_transport_set_deadline (lw_client_get_transport (client), lw_test_patience (10000), 5);
  found = lw_test_boxed (lw_client_list_subscriptions (client), error);
  return found != NULL;
}

static void
renew (Fixture *self, LwIdentity *identity)
{
  g_autofree char *before =
      lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  g_autofree char *after = NULL;

  lw_identity_invalidate (identity, LW_AUDIENCE_ARM, before);
  after = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (before, !=, after);
}

/* Challenges */

static void
test_challenge_answered (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  sign_in (self);
  /* What the refresh token alone can answer, nobody is asked for: the list, the refresh, the list. */
  lw_test_faulty_set (self->faulty, "{\"do\":\"claims\"," ON_LIST ",\"claims\":\"" CLAIMS "\"}");
  g_assert_true (list (self, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (lw_test_faulty_requests (self->faulty), ==, 3);
  g_assert_null (self->identity->claims[LW_AUDIENCE_ARM]);
  g_assert_true (lw_identity_is_signed_in (self->identity));
}

static void
test_challenge_for_a_person (Fixture *self, gconstpointer data)
{
  g_autoptr (LwTestBrowser) browser = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  const LwSignInHooks hooks = { .open_uri = lw_test_browser_open };
  LwSignInAsk ask = { 0 };

  if (self->faulty == NULL)
    return;
  sign_in (self);
  lw_test_faulty_set (self->faulty,
                      "{\"do\":\"claims\"," ON_LIST ",\"claims\":\"" CLAIMS "\"},"
                      "{\"do\":\"answer\"," ON_TOKEN ",\"times\":0,\"status\":400,\"type\":"
                      "\"application/json\",\"body\":\"{\\\"error\\\":\\\"interaction_required\\\","
                      "\\\"error_description\\\":\\\"AADSTS50076: x\\\"}\"}");
  g_assert_false (list (self, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "second factor"));
  ask.claims = lw_azure_error_get_details (error)->claims;
  g_assert_nonnull (strstr (ask.claims, "\"nbf\""));
  /* It stays so for whoever comes next. */
  g_assert_false (list (self, &again));
  g_assert_error (again, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (lw_azure_error_get_details (again)->claims, "\"nbf\""));
  g_assert_false (lw_identity_is_signed_in (self->identity));

  /* The sign-in carries the claims, and ends it. */
  lw_test_faulty_set (self->faulty, "");
  browser = lw_test_browser_new (PRIYA, TRUE, self->faulty->ca_file);
  g_clear_error (&again);
  g_assert_true (lw_test_boolean (
      lw_identity_sign_in (self->identity, &ask, &hooks, browser, NULL, NULL), &again));
  g_assert_nonnull (strstr (browser->claims, "\"nbf\""));
  g_assert_nonnull (strstr (browser->claims, "\"cp1\""));
  g_assert_true (list (self, &again));
  lw_test_until (lw_test_browser_has_page, browser);
}

/* Rotation */

/* The tenant takes a refresh token twice. One process used it up; the other finds the newer one. */
static void
test_newer_in_the_keyring (Fixture *self, gconstpointer data)
{
  g_autoptr (LwIdentity) other = NULL;

  if (self->faulty == NULL)
    return;
  sign_in (self);
  other = lw_identity_new (self->profile);
  lw_identity_set_second (other, lw_test_patience (20));
  g_assert_true (lw_test_boolean (lw_identity_resume (other), NULL));
  for (guint i = 0; i < 4; i++)
    {
      /* Each has the other's token used up. */
      renew (self, other);
      renew (self, other);
      g_assert_true (lw_test_boolean (lw_identity_remember (other), NULL));
      renew (self, self->identity);
      renew (self, self->identity);
      g_assert_true (lw_test_boolean (lw_identity_remember (self->identity), NULL));
    }
  g_assert_true (lw_identity_is_signed_in (other));
}

/* Another person's sign-in in the same keyring is not taken for the newer token. */
static void
test_refused_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  g_autofree char *mine = NULL;

  if (self->faulty == NULL)
    return;
  sign_in (self);
  g_assert_true (lw_test_boolean (lw_keyring_store (self->profile, STRANGER, NULL, "else"), NULL));
  lw_test_faulty_set (
      self->faulty, "{\"do\":\"answer\"," ON_TOKEN ",\"times\":0,\"status\":400,\"type\":"
                    "\"application/json\",\"body\":\"{\\\"error\\\":\\\"invalid_grant\\\","
                    "\\\"error_description\\\":\\\"AADSTS50173: x\\\",\\\"error_codes\\\":[50173],"
                    "\\\"timestamp\\\":\\\"2026-11-22 09:00:00Z\\\","
                    "\\\"correlation_id\\\":\\\"c0ffee00-0000-4000-8000-000000000000\\\"}\"}");
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, token);
  g_assert_null (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "was revoked"));
  g_assert_cmpuint (lw_test_faulty_requests (self->faulty), ==, 1);
  g_assert_cmpstr (lw_azure_error_get_details (error)->request_id, ==,
                   "c0ffee00-0000-4000-8000-000000000000");
  g_assert_cmpint (lw_azure_error_get_details (error)->at, ==, 1795338000);
  mine = lw_error_report (error);
  g_assert_nonnull (strstr (mine, "c0ffee00-0000-4000-8000-000000000000"));
  g_assert_nonnull (strstr (mine, "2026-11-22T09:00:00Z"));
}

/* What a child of the next test does: resumes from the keyring and renews again and again. */
static void
test_child (void)
{
  g_autoptr (LwProfile) profile = lw_profile_load (g_getenv (PROFILE_NAME), NULL);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  g_autoptr (GError) error = NULL;

  lw_identity_set_second (identity, lw_test_patience (1000));
  lw_test_boolean (lw_identity_resume (identity), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < CHILD_RENEWAL; i++)
    {
      renew (NULL, identity);
      g_assert_true (lw_test_boolean (lw_identity_remember (identity), NULL));
    }
  g_assert_no_error (lw_identity_get_keyring_error (identity));
}

static void
child_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *left = data;

  g_assert_true (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL));
  (*left)--;
}

static gboolean
is_zero (gpointer data)
{
  return *(guint *) data == 0;
}

/* Several processes on one keyring at once: none loses the sign-in, and the last one left is good. */
static void
test_processes (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwIdentity) later = NULL;
  GSubprocess *children[CHILDREN];
  guint left = CHILDREN;

  if (self->faulty == NULL)
    return;
  sign_in (self);
  path = lw_test_faulty_file (self->faulty, "profile.json");
  bytes = lw_profile_to_json (self->profile);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
  g_setenv (PROFILE_NAME, path, TRUE);
  for (guint i = 0; i < CHILDREN; i++)
    {
      children[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, self_path, NULL);
      g_assert_nonnull (children[i]);
      g_subprocess_wait_check_async (children[i], NULL, child_ended, &left);
    }
  g_unsetenv (PROFILE_NAME);
  lw_test_until (is_zero, &left);
  for (guint i = 0; i < CHILDREN; i++)
    g_object_unref (children[i]);
  later = lw_identity_new (self->profile);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), NULL));
  renew (self, later);
  g_unlink (path);
}

/* Sessions, clocks, patience */

static void
test_session_only (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  g_assert_true (lw_test_faulty_sign_in (self->faulty, self->identity, PRIYA, &error));
  renew (self, self->identity);
  renew (self, self->identity);
  g_assert_true (lw_test_boolean (lw_identity_remember (self->identity), NULL));
  g_assert_null (lw_identity_get_keyring_error (self->identity));
  g_assert_null (lw_test_string (lw_keyring_lookup (self->profile, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
}

/* Clocks five minutes apart are no reason to ask again, nor to give up. */
static void
test_clocks (Fixture *self, gconstpointer data)
{
  static const int seconds[] = { 300, -300 };

  if (self->faulty == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      g_autofree char *rule = g_strdup_printf ("{\"do\":\"clock\",\"seconds\":%d}", seconds[i]);
      g_autofree char *token = NULL;
      g_autofree char *same = NULL;
      g_autoptr (GError) error = NULL;

      lw_test_faulty_set (self->faulty, rule);
      sign_in (self);
      g_assert_true (list (self, &error));
      g_assert_no_error (error);
      token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
      same = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
      g_assert_cmpstr (token, ==, same);
      renew (self, self->identity);
    }
}

/* The browser never comes back. */
static void
test_patience (Fixture *self, gconstpointer data)
{
  g_autoptr (LwTestBrowser) browser = lw_test_browser_new (NULL, FALSE, NULL);
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  lw_identity_set_second (self->identity, 1);
  g_assert_false (lw_test_boolean (lw_test_browser_sign_in (browser, self->identity), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "five minutes"));
}

/* Device codes */

typedef struct
{
  LwTestServer *server;
  LwProfile *profile;
  const char *const *answers; /* to the polls, "error" of each; NULL for the last, the tokens */
  const char *device;
  guint polls;
  gint64 last;
  gint64 pauses[16]; /* before each poll, in milliseconds */
} Script;

static void
answer_script (LwTestServer *server,
               SoupServerMessage *message,
               const char *path,
               GHashTable *query,
               gpointer data)
{
  static const char tokens[] =
      "{\"access_token\":\"a\",\"expires_in\":3600,\"refresh_token\":\"r\",\"id_token\":\"e30."
      /* {"oid":"o","tid":LW_TEST_TENANT,"aud":LW_TEST_CLIENT} */
      "eyJvaWQiOiJvIiwidGlkIjoiNWU3YzBhMTAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwiYXVkIjoiYzExZTAw"
      "MD"
      "AtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAyIn0.c2ln\"}";
  Script *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *body = NULL;
  const char *answer;

  if (g_str_has_suffix (path, "/devicecode"))
    {
      self->last = now;
      lw_test_answer (message, 200, "application/json", self->device);
      return;
    }
  g_assert_cmpuint (self->polls, <, G_N_ELEMENTS (self->pauses));
  self->pauses[self->polls] = (now - self->last) / 1000;
  self->last = now;
  answer = self->answers[self->polls++];
  if (answer == NULL)
    lw_test_answer (message, 200, "application/json", tokens);
  else if (g_str_equal (answer, "busy"))
    lw_test_answer (message, 503, "text/html", "<html></html>");
  else
    {
      body = g_strdup_printf ("{\"error\":\"%s\"}", answer);
      lw_test_answer (message, 400, "application/json", body);
    }
}

static void
show_nothing (const LwDeviceCode *code, gpointer data)
{
}

static gboolean
run_script (Script *self, GError **error)
{
  const LwSignInHooks hooks = { .show_code = show_nothing };
  g_autoptr (LwTestServer) server = lw_test_server_new (answer_script, self);
  g_autofree char *text = g_strdup_printf (
      "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\","
      "\"signIn\":\"device-code\",\"endpoints\":{\"arm\":\"%s\",\"login\":\"%s\",\"graph\":\"%s\","
      "\"blob\":\"%s\"}}",
      server->base, server->base, server->base, server->base);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, NULL);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  const LwSignInAsk ask = { .session_only = TRUE };

  lw_identity_set_second (identity, 20);
  return lw_test_boolean (lw_identity_sign_in (identity, &ask, &hooks, NULL, NULL, NULL), error);
}

#define DEVICE(rest)                                                                               \
  "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://x.example/d\"" rest "}"

/* A second is 20 ms: five of them when nothing is said, and five more each time from "slow_down" on. */
static void
test_device_pace (void)
{
  static const char *const answers[] = { "authorization_pending", "slow_down",
                                         "authorization_pending", "busy",
                                         "authorization_pending", NULL };
  Script plain = { .answers = answers, .device = DEVICE ("") };
  Script brisk = { .answers = answers, .device = DEVICE (",\"interval\":\"2\"") };
  g_autoptr (GError) error = NULL;

  g_assert_true (run_script (&plain, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (plain.polls, ==, 6);
  g_assert_cmpint (plain.pauses[0], >=, 99);
  g_assert_cmpint (plain.pauses[1], >=, 99);
  g_assert_cmpint (plain.pauses[2], >=, 199);
  g_assert_cmpint (plain.pauses[3], >=, 199);
  /* Trouble makes it slower, too. */
  g_assert_cmpint (plain.pauses[4], >=, 399);
  /* And that is over when it is. */
  g_assert_cmpint (plain.pauses[5], <, plain.pauses[4]);
  g_assert_true (run_script (&brisk, &error));
  g_assert_cmpint (brisk.pauses[0], >=, 39);
  g_assert_cmpint (brisk.pauses[2], >=, 139);
}

static void
test_device_endings (void)
{
  static const struct
  {
    const char *answers[8];
    const char *device;
    LwAzureError code;
    const char *says;
  } cases[] = {
    { { "expired_token" }, DEVICE (""), LW_AZURE_ERROR_TIMED_OUT, "Begin again" },
    { { "authorization_declined" }, DEVICE (""), LW_AZURE_ERROR_SIGN_IN, "refused" },
    { { "access_denied" }, DEVICE (""), LW_AZURE_ERROR_SIGN_IN, "refused" },
    { { "bad_verification_code" }, DEVICE (""), LW_AZURE_ERROR_SIGN_IN, "Begin again" },
    { { "invalid_grant" }, DEVICE (""), LW_AZURE_ERROR_SIGN_IN, "Sign in again" },
    { { "busy", "busy", "busy", "busy", "busy" },
      DEVICE (",\"interval\":1"),
      LW_AZURE_ERROR_SERVER,
      "trouble" },
    { { "authorization_pending", "authorization_pending", "authorization_pending" },
      DEVICE (",\"interval\":1,\"expires_in\":2"),
      LW_AZURE_ERROR_TIMED_OUT,
      "Begin again" },
    { { NULL }, "{}", LW_AZURE_ERROR_PROTOCOL, "cannot be understood" },
    { { NULL }, "<html>", LW_AZURE_ERROR_PROTOCOL, "cannot be understood" },
    { { NULL },
      "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"http://x.example\"}",
      LW_AZURE_ERROR_PROTOCOL,
      "cannot be understood" },
    { { NULL },
      "{\"device_code\":\"d\",\"user_code\":\"\",\"verification_uri\":\"https://x.example\"}",
      LW_AZURE_ERROR_PROTOCOL,
      "cannot be understood" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Script script = { .answers = cases[i].answers, .device = cases[i].device };
      g_autoptr (GError) error = NULL;

      g_assert_false (run_script (&script, &error));
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].code);
      lw_test_says (error, cases[i].says);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

static void
add_tests (void)
{
  ADD ("/tokens/challenge/answered", test_challenge_answered);
  ADD ("/tokens/challenge/for-a-person", test_challenge_for_a_person);
  ADD ("/tokens/rotation/newer-in-the-keyring", test_newer_in_the_keyring);
  ADD ("/tokens/rotation/refused", test_refused_is_refused);
  ADD ("/tokens/rotation/processes", test_processes);
  ADD ("/tokens/session-only", test_session_only);
  ADD ("/tokens/clocks", test_clocks);
  ADD ("/tokens/patience", test_patience);
  g_test_add_func ("/tokens/device-code/pace", test_device_pace);
  g_test_add_func ("/tokens/device-code/endings", test_device_endings);
}

int
main (int argc, char **argv)
{
  if (g_getenv (PROFILE_NAME) == NULL)
    return lw_test_keyring_main (argc, argv, add_tests);
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  test_child ();
  return 0;
}
