/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in each way that there is, against the simulated tenant over TLS. */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-identity-private.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-keyring.h"
#include "lw-test-browser.h"
#include "lw-test-keyring.h"
#include "lw-test-keys.h"
#include "lw-test-people.h"

#define SECRET "demo~secret-8Qk.P2vX4w"           /* of the tenant's application */
#define VIKTOR "viktor.lindqvist@contoso.example" /* whose account is disabled */

typedef struct
{
  LwTestFaulty *faulty;
  LwTestBrowser *browser;
} Fixture;

static void
set_up_with (Fixture *self, const char *const *arguments)
{
  self->faulty = lw_test_faulty_new (arguments);
  if (self->faulty == NULL)
    {
      g_test_skip ("The simulated tenant or openssl is not here");
      return;
    }
  self->browser = lw_test_browser_new (NULL, FALSE, self->faulty->ca_file);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  set_up_with (self, data);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->browser, lw_test_browser_free);
  g_clear_pointer (&self->faulty, lw_test_faulty_free);
}

/* The tenant's profile with these members (name and text, %NULL-terminated). */
static LwProfile *G_GNUC_NULL_TERMINATED
profile_with (Fixture *self, ...)
{
  g_autoptr (LwProfile) plain =
      lw_test_tenant_profile (self->faulty->tenant, self->faulty->ca_file);
  g_autoptr (GBytes) bytes = lw_profile_to_json (plain);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 65536, NULL);
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GError) error = NULL;
  LwProfile *profile;
  char *text;
  va_list args;

  va_start (args, self);
  for (const char *name = va_arg (args, const char *); name != NULL;
       name = va_arg (args, const char *))
    json_object_set_string_member (json_node_get_object (node), name, va_arg (args, const char *));
  va_end (args);
  text = json_to_string (node, FALSE);
  changed = g_bytes_new_take (text, strlen (text));
  profile = lw_profile_from_json (changed, &error);
  g_assert_no_error (error);
  return profile;
}

/* What it may do is what it says, at Azure. */
static void
check_works (LwProfile *profile, LwIdentity *identity)
{
  g_autoptr (LwClient) client = lw_client_new (profile, identity);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = lw_test_boxed (lw_client_list_subscriptions (client), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (found->len, >, 0);
}

static gboolean
try_sign_in (LwIdentity *identity, const char *secret, gboolean session_only, GError **error)
{
  const LwSignInAsk ask = { .secret = secret, .session_only = session_only };

  return lw_test_boolean (lw_identity_sign_in (identity, &ask, NULL, NULL, NULL, NULL), error);
}

static void
expect_sign_in_error (const GError *error, const char *code, const char *says)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  g_autofree char *report = NULL;

  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_test_message ("%s", error->message);
  g_assert_cmpstr (details->code, ==, code);
  lw_test_says (error, says);
  report = lw_error_report (error);
  g_assert_nonnull (strstr (report, code));
}

/* Device code */

typedef struct
{
  char *uri;
  char *code;
  gint64 expires_at;
  guint shown;
} Shown;

static void
shown_clear (Shown *self)
{
  g_free (self->uri);
  g_free (self->code);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shown, shown_clear)

static void
show_code (const LwDeviceCode *code, gpointer data)
{
  Shown *shown = data;

  shown->shown++;
  g_set_str (&shown->uri, code->uri);
  g_set_str (&shown->code, code->code);
  shown->expires_at = code->expires_at;
}

static gboolean
is_shown (gpointer data)
{
  return ((Shown *) data)->shown > 0;
}

static DexFuture *
begin_device (LwIdentity *identity, Shown *shown, GCancellable *cancellable)
{
  const LwSignInHooks hooks = { .show_code = show_code };
  DexFuture *future = lw_identity_sign_in (identity, NULL, &hooks, shown, NULL, cancellable);

  lw_test_until (is_shown, shown);
  return future;
}

static void
answer_code (Fixture *self, const Shown *shown, const char *answer)
{
  g_autofree char *url = g_strdup_printf ("%s?user_code=%s&%s", shown->uri, shown->code, answer);

  g_assert_cmpuint (lw_test_browser_go (self->browser, "GET", url, NULL), ==, 200);
}

static void
test_device_code (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwIdentity) later = NULL;
  g_auto (Shown) shown = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  g_autoptr (JsonObject) claims = NULL;
  DexFuture *future;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "device-code", NULL);
  identity = lw_identity_new (profile);
  future = begin_device (identity, &shown, NULL);
  g_assert_cmpuint (strlen (shown.code), ==, 8);
  g_assert_true (g_str_has_prefix (shown.uri, "https://localhost:"));
  g_assert_cmpint (shown.expires_at, >, g_get_real_time () / G_USEC_PER_SEC + 800);
  answer_code (self, &shown, "persona=" PRIYA);
  g_assert_true (lw_test_boolean (future, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (shown.shown, ==, 1);
  g_assert_cmpstr (lw_identity_get_person (identity)->upn, ==, PRIYA);
  g_assert_false (lw_identity_is_application (identity));
  check_works (profile, identity);
  /* The tenant issued a token for a client that understands challenges. */
  token = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  claims = lw_jwt_claims (token);
  g_assert_cmpstr (json_array_get_string_element (lw_json_get_array (claims, "xms_cc"), 0), ==,
                   "CP1");
  later = lw_identity_new (profile);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), NULL));
  g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
}

/* What the tenant's page is answered, and what comes of it. */
typedef struct
{
  const char *answer;
  const char *code;
  const char *says;
} DeviceRefusal;

static void
test_device_refused (Fixture *self, gconstpointer data)
{
  static const DeviceRefusal refusals[] = {
    { "decline=1", "authorization_declined", "cancelled or refused" },
    { "persona=" VIKTOR, "invalid_grant", "account is disabled" },
    { "persona=" VIKTOR, "invalid_grant", "AADSTS50057" },
  };

  if (self->faulty == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (LwProfile) profile = profile_with (self, "signIn", "device-code", NULL);
      g_autoptr (LwIdentity) identity = lw_identity_new (profile);
      g_auto (Shown) shown = { 0 };
      g_autoptr (GError) error = NULL;
      DexFuture *future = begin_device (identity, &shown, NULL);

      answer_code (self, &shown, refusals[i].answer);
      g_assert_false (lw_test_boolean (future, &error));
      expect_sign_in_error (error, refusals[i].code, refusals[i].says);
      g_assert_false (lw_identity_is_signed_in (identity));
    }
}

/* The tenant's codes are good for a second here. */
static void
test_device_expired (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_auto (Shown) shown = { 0 };
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "device-code", NULL);
  identity = lw_identity_new (profile);
  g_assert_false (lw_test_boolean (begin_device (identity, &shown, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "Begin again"));
}

static void
test_device_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Shown) shown = { 0 };
  g_autoptr (GError) error = NULL;
  DexFuture *future;
  gint64 before;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "device-code", NULL);
  identity = lw_identity_new (profile);
  lw_identity_set_second (identity, 60000);
  future = begin_device (identity, &shown, cancellable);
  before = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  g_assert_false (lw_test_boolean (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 5 * G_USEC_PER_SEC);
  /* Nobody listens any more: what the person does then signs nobody in. */
  answer_code (self, &shown, "persona=" PRIYA);
  g_assert_false (lw_identity_is_signed_in (identity));
}

/* Applications */

static void
test_secret (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwIdentity) later = NULL;
  g_autoptr (LwIdentity) last = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *arm = NULL;
  g_autofree char *graph = NULL;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "secret", NULL);
  identity = lw_identity_new (profile);
  /* Nothing typed and nothing kept. */
  g_assert_false (lw_test_boolean (lw_identity_resume (identity), &error));
  expect_sign_in_error (error, LW_SIGN_IN_NEEDS_SECRET, "Enter it");
  g_clear_error (&error);
  g_assert_false (try_sign_in (identity, "last years secret", FALSE, &error));
  expect_sign_in_error (error, "invalid_client", "has expired");
  g_assert_nonnull (strstr (error->message, "AADSTS7000222"));
  g_clear_error (&error);
  g_assert_false (try_sign_in (identity, "wrong", FALSE, &error));
  expect_sign_in_error (error, "invalid_client", "secret is wrong");
  g_assert_cmpuint (strlen (lw_azure_error_get_details (error)->request_id), ==, 36);
  g_assert_false (lw_identity_is_signed_in (identity));
  g_clear_error (&error);

  g_assert_true (try_sign_in (identity, SECRET, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (lw_identity_is_application (identity));
  g_assert_cmpstr (lw_identity_get_person (identity)->name, ==, "Leeway");
  g_assert_true (g_uuid_string_is_valid (lw_identity_get_person (identity)->id));
  g_assert_null (lw_identity_get_person (identity)->upn);
  check_works (profile, identity);
  arm = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  graph = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), NULL);
  g_assert_cmpstr (arm, !=, graph);
  /* A token that is refused is asked for anew with the same secret. */
  lw_identity_invalidate (identity, LW_AUDIENCE_ARM, arm);
  check_works (profile, identity);

  /* It was kept, so that the next run goes by itself, and sign-out forgets it. */
  later = lw_identity_new (profile);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), &error));
  check_works (profile, later);
  g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
  last = lw_identity_new (profile);
  g_assert_false (lw_test_boolean (lw_identity_resume (last), &error));
  expect_sign_in_error (error, LW_SIGN_IN_NEEDS_SECRET, "Enter it");
  g_clear_error (&error);
  /* For the session alone. */
  g_assert_true (try_sign_in (last, SECRET, TRUE, &error));
  g_assert_null (lw_test_string (lw_keyring_lookup_secret (profile), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
}

static void
test_unknown_app (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "secret", "clientId",
                          "00000000-0000-4000-8000-0000000000ff", NULL);
  identity = lw_identity_new (profile);
  g_assert_false (try_sign_in (identity, SECRET, FALSE, &error));
  expect_sign_in_error (error, "unauthorized_client", "client id");
  g_assert_nonnull (strstr (error->message, "AADSTS700016"));
}

/* The tenant knows one certificate, and verifies what its key signed. */
static void
test_certificate (void)
{
  g_autoptr (LwTestKeys) keys = lw_test_keys_new ();
  g_autofree char *registered = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *encrypted = NULL;
  g_autofree char *stranger = NULL;
  g_autoptr (GError) error = NULL;
  Fixture fixture = { 0 };
  const char *arguments[] = { "--app-certificate", NULL, NULL };

  if (keys == NULL)
    {
      g_test_skip ("The openssl command is not here");
      return;
    }
  lw_test_keys_make (keys, "app", "rsa:2048", "20200101000000Z", "20991231000000Z");
  lw_test_keys_make (keys, "other", "rsa:2048", "20200101000000Z", "20991231000000Z");
  g_free (lw_test_keys_openssl (keys, "pkcs8", "-topk8", "-in", "app.key", "-out", "locked.key",
                                "-passout", "pass:open sesame", NULL));
  lw_test_note_secret ("passphrase", "open sesame");
  plain = lw_test_keys_join (keys, "app.pem", "app.key", "app.crt", NULL);
  encrypted = lw_test_keys_join (keys, "locked.pem", "app.crt", "locked.key", NULL);
  stranger = lw_test_keys_join (keys, "other.pem", "other.key", "other.crt", NULL);
  registered = g_strdup_printf ("54af7088-cfad-57d1-b6bc-09e9c5031091=%s/app.crt", keys->folder);
  arguments[1] = registered;
  set_up_with (&fixture, arguments);
  if (fixture.faulty == NULL)
    return;
  {
    g_autoptr (LwProfile) profile =
        profile_with (&fixture, "signIn", "certificate", "certificateFile", plain, NULL);
    g_autoptr (LwIdentity) identity = lw_identity_new (profile);

    /* No passphrase, so that even the first run goes by itself. */
    g_assert_true (lw_test_boolean (lw_identity_resume (identity), &error));
    g_assert_no_error (error);
    g_assert_cmpstr (lw_identity_get_person (identity)->name, ==, "Leeway");
    check_works (profile, identity);
    g_free (lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), &error));
    g_assert_no_error (error);
  }
  {
    g_autoptr (LwProfile) profile =
        profile_with (&fixture, "signIn", "certificate", "certificateFile", encrypted, NULL);
    g_autoptr (LwIdentity) identity = lw_identity_new (profile);
    g_autoptr (LwIdentity) later = lw_identity_new (profile);

    g_assert_false (lw_test_boolean (lw_identity_resume (identity), &error));
    expect_sign_in_error (error, LW_SIGN_IN_NEEDS_PASSPHRASE, "has a passphrase");
    g_clear_error (&error);
    g_assert_false (try_sign_in (identity, "close sesame", FALSE, &error));
    expect_sign_in_error (error, LW_SIGN_IN_NEEDS_PASSPHRASE, "does not fit");
    g_clear_error (&error);
    g_assert_true (try_sign_in (identity, "open sesame", FALSE, &error));
    check_works (profile, identity);
    g_assert_true (lw_test_boolean (lw_identity_resume (later), &error));
    check_works (profile, later);
    g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
    g_assert_null (lw_test_string (lw_keyring_lookup_secret (profile), &error));
    g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
    g_clear_error (&error);
  }
  {
    g_autoptr (LwProfile) profile =
        profile_with (&fixture, "signIn", "certificate", "certificateFile", stranger, NULL);
    g_autoptr (LwIdentity) identity = lw_identity_new (profile);

    g_assert_false (lw_test_boolean (lw_identity_resume (identity), &error));
    expect_sign_in_error (error, "invalid_client", "does not know this certificate");
    g_assert_nonnull (strstr (error->message, "AADSTS700027"));
    g_assert_false (lw_identity_is_signed_in (identity));
  }
  tear_down (&fixture, NULL);
}

/* Others */

static void
test_token (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "token", NULL);
  identity = lw_identity_new (profile);
  g_assert_false (lw_test_boolean (lw_identity_resume (identity), &error));
  expect_sign_in_error (error, LW_SIGN_IN_NEEDS_TOKEN, "Give it one");
  g_clear_error (&error);
  g_assert_false (try_sign_in (identity, "not a token", FALSE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_true (
      try_sign_in (identity, lw_test_tenant_token (self->faulty->tenant, PRIYA), FALSE, &error));
  g_assert_cmpstr (lw_identity_get_person (identity)->upn, ==, PRIYA);
  check_works (profile, identity);
}

static void
test_browser (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwProfile) hers = NULL;
  g_autoptr (LwProfile) somebody_elses = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwIdentity) later = NULL;
  g_autoptr (LwIdentity) other = NULL;
  g_autoptr (LwTestBrowser) browser = NULL;
  g_autoptr (LwTestBrowser) again = NULL;
  g_autoptr (GError) error = NULL;

  if (self->faulty == NULL)
    return;
  profile = profile_with (self, "signIn", "browser", NULL);
  identity = lw_identity_new (profile);
  browser = lw_test_browser_new (PRIYA, TRUE, self->faulty->ca_file);
  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, identity), &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (browser->claims, "\"cp1\""));
  check_works (profile, identity);
  /* The connection is hers from now on. */
  hers = lw_profile_with_account (profile, lw_identity_get_person (identity)->id, PRIYA);
  later = lw_identity_new (hers);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), &error));
  check_works (hers, later);
  /* One that is somebody else's neither finds her sign-in, nor takes it. */
  somebody_elses =
      lw_profile_with_account (profile, "00000000-0000-4000-8000-0000000000ee", "else@x");
  other = lw_identity_new (somebody_elses);
  g_assert_false (lw_test_boolean (lw_identity_resume (other), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  again = lw_test_browser_new (PRIYA, TRUE, self->faulty->ca_file);
  g_assert_false (lw_test_boolean (lw_test_browser_sign_in (again, other), &error));
  g_assert_nonnull (strstr (again->url, "login_hint=else%40x"));
  expect_sign_in_error (error, LW_SIGN_IN_OTHER_ACCOUNT, PRIYA);
  g_assert_false (lw_identity_is_signed_in (other));
  g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
  lw_test_until (lw_test_browser_has_page, browser);
  lw_test_until (lw_test_browser_has_page, again);
}

/* Without the endpoints of its cloud nobody is sent anywhere. */
static void
test_unknown_endpoints (void)
{
  static const char text[] =
      "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\","
      "\"endpoints\":{\"arm\":\"https://arm.stack.example\"}}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, NULL);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  g_autoptr (GError) error = NULL;

  g_assert_false (
      lw_test_boolean (lw_identity_sign_in (identity, NULL, NULL, NULL, NULL, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
}

static const char *const short_codes[] = { "--device-seconds", "1", NULL };

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

static void
add_tests (void)
{
  ADD ("/methods/browser", test_browser);
  ADD ("/methods/device-code", test_device_code);
  ADD ("/methods/device-code/refused", test_device_refused);
  ADD ("/methods/device-code/cancel", test_device_cancel);
  g_test_add ("/methods/device-code/expired", Fixture, short_codes, set_up, test_device_expired,
              tear_down);
  ADD ("/methods/secret", test_secret);
  ADD ("/methods/unknown-app", test_unknown_app);
  g_test_add_func ("/methods/certificate", test_certificate);
  ADD ("/methods/token", test_token);
  g_test_add_func ("/methods/unknown-endpoints", test_unknown_endpoints);
}

int
main (int argc, char **argv)
{
  return lw_test_keyring_main (argc, argv, add_tests);
}
