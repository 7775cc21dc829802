/* SPDX-License-Identifier: GPL-3.0-or-later */

/* No secret is left over, however it is spelled; and what helps is left. */

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "lw-mask.h"
#include "lw-test.h"

#define SECRET "s3cr3tV4lue-0123456789abcdefXYZ"

static const char *const names[] = {
  "access_token",     "refresh_token", "id_token", "id_token_hint", "client_secret",
  "client_assertion", "assertion",     "code",     "code_verifier", "device_code",
  "user_code",        "sig",           "password", "state",         "nonce",
};

static const char *const headers[] = {
  "Authorization",   "Proxy-Authorization", "x-ms-authorization-auxiliary", "Set-Cookie", "Cookie",
  "X-Something-New", "x-ms-copy-source",    "Ocp-Apim-Subscription-Key",
};

static void
assert_gone (const char *masked, const char *secret, const char *from)
{
  if (strstr (masked, secret) != NULL)
    g_error ("“%s” of “%s” still has the secret", masked, from);
}

/* Escapes @text by percents, here and there or everywhere, @times over. */
static char *
escape (GRand *dice, const char *text, guint times)
{
  char *result = g_strdup (text);

  for (guint i = 0; i < times; i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      for (const char *p = result; *p != '\0'; p++)
        {
          if (strchr ("=&:/?#%_", *p) != NULL || g_rand_int_range (dice, 0, 12) == 0)
            g_string_append_printf (out, g_rand_boolean (dice) ? "%%%02X" : "%%%02x",
                                    (guint) (guchar) *p);
          else
            g_string_append_c (out, *p);
        }
      g_free (result);
      result = g_string_free (g_steal_pointer (&out), FALSE);
    }
  return result;
}

static char *
random_case (GRand *dice, const char *text)
{
  char *result = g_strdup (text);

  for (char *p = result; *p != '\0'; p++)
    {
      if (g_rand_boolean (dice))
        *p = g_ascii_toupper (*p);
      else if (*p == '_' && g_rand_int_range (dice, 0, 3) == 0)
        *p = '-';
    }
  return result;
}

static char *
random_secret (GRand *dice)
{
  static const char alphabet[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-._~";
  GString *secret = g_string_new ("q7");
  guint length = (guint) g_rand_int_range (dice, 12, 60);

  for (guint i = 0; i < length; i++)
    g_string_append_c (secret, alphabet[g_rand_int_range (dice, 0, sizeof alphabet - 1)]);
  return g_string_free (secret, FALSE);
}

/* Texts as services and libraries write them. */
static void
test_texts (void)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  static const char *const forms[] = {
    "%s=%s",           "a=b&%s=%s&c=d",
    "{\"%s\":\"%s\"}", "{ \"%s\" : \"%s\", \"x\": 1 }",
    "'%s': '%s'",      "see https://h.example/p?%s=%s#f",
    "%s=\"%s\"",       "Invalid value %s=%s, sorry",
    "(%s=%s)",         "\\\"%s\\\":\\\"%s\\\"",
  };

  for (guint i = 0; i < 20000; i++)
    {
      const char *form = forms[g_rand_int_range (dice, 0, G_N_ELEMENTS (forms))];
      const char *plain = names[g_rand_int_range (dice, 0, G_N_ELEMENTS (names))];
      g_autofree char *name = random_case (dice, plain);
      g_autofree char *secret = random_secret (dice);
      g_autofree char *text = NULL;
      g_autofree char *masked = NULL;
      g_auto (GStrv) parts = g_strsplit (form, "%s", 3);
      gboolean in_json = strchr (parts[1], ':') != NULL;

      /* Azure's own "code" and "state" in JSON are plain words. */
      if (in_json && (g_str_equal (plain, "code") || g_str_equal (plain, "state") ||
                      g_str_equal (plain, "nonce")))
        continue;
      text = g_strconcat (parts[0], name, parts[1], secret, parts[2], NULL);
      masked = lw_mask_secrets (text);
      assert_gone (masked, secret, text);
      g_assert_nonnull (strstr (masked, "***"));
    }
}

/* A redirect within a redirect: escaped once, twice and three times. */
static void
test_escaped (void)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed ((guint32) g_test_rand_int ());

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name =
          random_case (dice, names[g_rand_int_range (dice, 0, G_N_ELEMENTS (names))]);
      g_autofree char *pair = g_strconcat ("a=1&", name, "=", SECRET, "&b=2", NULL);
      g_autofree char *escaped = escape (dice, pair, (guint) g_rand_int_range (dice, 1, 4));
      g_autofree char *text = g_strconcat ("https://h.example/?go=", escaped, NULL);
      g_autofree char *masked = lw_mask_secrets (text);
      g_autoptr (GUri) uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
      g_autofree char *address = lw_mask_uri (uri);
      g_autofree char *unescaped = g_strdup (masked);

      for (guint j = 0; j < 4 && unescaped != NULL; j++)
        {
          char *more = g_uri_unescape_string (unescaped, NULL);

          assert_gone (unescaped, SECRET, text);
          g_free (unescaped);
          unescaped = more;
        }
      assert_gone (address, "s3cr3t", text);
    }
}

static void
test_schemes (void)
{
  static const char *const schemes[] = { "Bearer",    "bearer",    "BEARER", "Basic",
                                         "Negotiate", "SharedKey", "PoP",    "Digest" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autofree char *text = g_strdup_printf ("sent %s  %s to", schemes[i], SECRET);
      g_autofree char *masked = lw_mask_secrets (text);

      assert_gone (masked, SECRET, text);
      g_assert_nonnull (strstr (masked, schemes[i]));
      g_assert_true (g_str_has_suffix (masked, " to"));
    }
}

static void
test_others (void)
{
  static const char *const texts[] = {
    "proxy http://user:" SECRET "@proxy.example:8080/ failed",
    "https://" SECRET "@h.example/",
    "token eyJ0eXAiOiJKV1Q." SECRET ".AAAA",
    "https://a.blob.example/c?sv=2020&SIG=" SECRET "%3D&se=1",
    "AccountKey=" SECRET "==;EndpointSuffix=core.windows.net",
    "refresh_token : \"" SECRET "\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *masked = lw_mask_secrets (texts[i]);

      assert_gone (masked, SECRET, texts[i]);
    }
}

/* What a person needs is left as it is. */
static void
test_plain_texts (void)
{
  static const char *const texts[] = {
    "",
    ("The client 'a' with object id 'b' does not have authorization to perform action "
     "'Microsoft.Authorization/policyExemptions/write' over scope '/subscriptions/x'."),
    "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}",
    "AADSTS65001: The user or administrator has not consented. Trace ID: 0 Correlation ID: 1",
    "Bearer token expected",
    "state: Enabled",
    "https://management.azure.com/subscriptions?api-version=2022-12-01",
    "WWW-Authenticate: Bearer error=\"invalid_token\"",
    "The access token expiry UTC time '1/1/2026' is earlier than current UTC time",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *masked = lw_mask_secrets (texts[i]);

      g_assert_cmpstr (masked, ==, texts[i]);
    }
}

static void
test_headers (void)
{
  static const char *const kept[][2] = {
    { "Content-Type", "application/json" },
    { "Retry-After", "17" },
    { "x-ms-request-id", "1f1f1f1f-0000-4000-8000-000000000000" },
    { "x-ms-ratelimit-remaining-subscription-reads", "249" },
    { "x-ms-user-quota-resets-after", "00:00:05" },
    { "ETag", "\"0x8D\"" },
  };
  g_autofree char *challenge =
      lw_mask_header ("WWW-Authenticate", "Bearer realm=\"\", error=\"insufficient_claims\", "
                                          "claims=\"" SECRET "\"");

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *masked = lw_mask_header (headers[i], SECRET "; more");

      g_assert_cmpstr (masked, ==, "***");
    }
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *masked = lw_mask_header (kept[i][0], kept[i][1]);

      g_assert_cmpstr (masked, ==, kept[i][1]);
    }
  g_assert_cmpstr (challenge, ==, "Bearer error=insufficient_claims ***");
}

static void
test_links (void)
{
  static const char *const links[] = {
    "https://h.example/p?$skiptoken=" SECRET "&api-version=1",
    "https://h.example/p?%24skipToken=" SECRET "&api-version=1",
    "https://user:" SECRET "@h.example/p?api-version=1",
    "https://h.example/p?api-version=1#" SECRET,
    "https://h.example/p?" SECRET "&api-version=1",
    "https://h.example/p?" SECRET "=&api-version=1",
    "/relative?code=" SECRET "&api-version=1",
    "not a link " SECRET,
  };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *masked = lw_mask_header ("Location", links[i]);

      assert_gone (masked, SECRET, links[i]);
      if (i < 5)
        g_assert_nonnull (strstr (masked, "api-version=1"));
    }
}

/* Any bytes at all: no crash, and nothing is lost of what is no secret. */
static void
test_noise (void)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  static const char bits[] = "code=&%25%3D\"':{}Bearer eyJ\\://@sig ?#\xff\xc3";

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *masked = NULL;
      guint length = (guint) g_rand_int_range (dice, 0, 80);

      while (text->len < length)
        {
          guint from = (guint) g_rand_int_range (dice, 0, sizeof bits - 1);

          g_string_append_len (text, bits + from,
                               g_rand_int_range (dice, 1, (gint32) (sizeof bits - from) + 0));
        }
      masked = lw_mask_secrets (text->str);
      g_assert_nonnull (masked);
    }
}

/* What is made to be read over and over is read once. */
static void
test_long (void)
{
  static const char *const pieces[] = { "-",     "_",   "$",   "a-",  "a--------", "code",
                                        "code ", "%25", "://", "eyJ", "Bearer ",   "sig\"" };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *masked = NULL;
      gint64 start = g_get_monotonic_time ();

      while (text->len < 1024 * 1024)
        g_string_append (text, pieces[i]);
      g_string_append (text, " -access_token=" SECRET);
      masked = lw_mask_secrets (text->str);
      assert_gone (masked, SECRET, pieces[i]);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask/texts", test_texts);
  g_test_add_func ("/mask/escaped", test_escaped);
  g_test_add_func ("/mask/schemes", test_schemes);
  g_test_add_func ("/mask/others", test_others);
  g_test_add_func ("/mask/plain", test_plain_texts);
  g_test_add_func ("/mask/headers", test_headers);
  g_test_add_func ("/mask/links", test_links);
  g_test_add_func ("/mask/noise", test_noise);
  g_test_add_func ("/mask/long", test_long);
  return g_test_run ();
}
