/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Clouds and the profiles of connections, without a network. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test.h"

/* Clouds */

static gboolean
allows (LwCloud *cloud, LwAudience audience, const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  return uri != NULL && lw_cloud_allows (cloud, audience, uri);
}

static void
test_cloud_public (void)
{
  g_autoptr (LwCloud) cloud = lw_cloud_new_named ("AzureCloud", NULL);
  g_autofree char *scope = lw_cloud_scope (cloud, LW_AUDIENCE_ARM);

  g_assert_cmpstr (scope, ==, "https://management.azure.com/.default");
  g_assert_true (allows (cloud, LW_AUDIENCE_ARM, "https://management.azure.com/subscriptions"));
  g_assert_true (allows (cloud, LW_AUDIENCE_ARM, "https://MANAGEMENT.azure.com:443/x"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "http://management.azure.com/subscriptions"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://management.azure.com:8443/x"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://management.azure.com.evil.example/"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://x.management.azure.com/"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://management.azure.com@evil.example/"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://user@management.azure.com/"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://graph.microsoft.com/v1.0/me"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://login.microsoftonline.com/x"));
  g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "http://127.0.0.1/"));
  g_assert_true (allows (cloud, LW_AUDIENCE_GRAPH, "https://graph.microsoft.com/v1.0/me"));
  g_assert_true (allows (cloud, LW_AUDIENCE_STORAGE, "https://acct1.blob.core.windows.net/c/b"));
  g_assert_false (allows (cloud, LW_AUDIENCE_STORAGE, "http://acct1.blob.core.windows.net/c/b"));
  g_assert_false (allows (cloud, LW_AUDIENCE_STORAGE, "https://a.b.blob.core.windows.net/c/b"));
  g_assert_false (allows (cloud, LW_AUDIENCE_STORAGE, "https://.blob.core.windows.net/c/b"));
  g_assert_false (
      allows (cloud, LW_AUDIENCE_STORAGE, "https://acct1.blob.core.windows.net.evil.example/"));
  g_assert_false (allows (cloud, LW_AUDIENCE_STORAGE, "https://acct1.blob.core.windows.net:444/c"));
}

static void
test_cloud_custom (void)
{
  g_autoptr (LwCloud) loopback =
      lw_cloud_new_custom ("http://127.0.0.1:8080/", "http://127.0.0.1:8080",
                           "http://127.0.0.1:8081", "http://localhost:8082");
  g_autoptr (LwCloud) open = lw_cloud_new_custom ("http://arm.example", "https://login.example",
                                                  "https://graph.example", "https://blob.example");

  g_assert_cmpstr (loopback->arm, ==, "http://127.0.0.1:8080");
  g_assert_true (allows (loopback, LW_AUDIENCE_ARM, "http://127.0.0.1:8080/x"));
  g_assert_false (allows (loopback, LW_AUDIENCE_ARM, "http://127.0.0.1:8081/x"));
  g_assert_false (allows (loopback, LW_AUDIENCE_ARM, "https://127.0.0.1:8080/x"));
  g_assert_false (allows (loopback, LW_AUDIENCE_ARM, "http://localhost:8080/x"));
  g_assert_true (allows (loopback, LW_AUDIENCE_STORAGE, "http://localhost:8082/c/b"));
  g_assert_false (
      allows (loopback, LW_AUDIENCE_STORAGE, "https://acct1.blob.core.windows.net/c/b"));
  /* Plain http off this machine gets nothing, even where the profile says so. */
  g_assert_false (allows (open, LW_AUDIENCE_ARM, "http://arm.example/x"));
  g_assert_true (allows (open, LW_AUDIENCE_GRAPH, "https://graph.example/x"));
}

static void
test_cloud_national (void)
{
  static const struct
  {
    const char *name, *arm, *blob, *create, *newest;
    gboolean policy_in_graph;
  } clouds[] = {
    { "AzureUSGovernment", "https://management.usgovcloudapi.net/x",
      "https://acct1.blob.core.usgovcloudapi.net/c", "2024-12-01-preview", "2024-12-01-preview",
      TRUE },
    { "AzureChinaCloud", "https://management.chinacloudapi.cn/x",
      "https://acct1.blob.core.chinacloudapi.cn/c", "2022-07-01-preview", "2022-07-01-preview",
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (clouds); i++)
    {
      g_autoptr (LwCloud) cloud = lw_cloud_new_named (clouds[i].name, NULL);

      g_assert_true (allows (cloud, LW_AUDIENCE_ARM, clouds[i].arm));
      g_assert_true (allows (cloud, LW_AUDIENCE_STORAGE, clouds[i].blob));
      g_assert_false (allows (cloud, LW_AUDIENCE_ARM, "https://management.azure.com/x"));
      g_assert_cmpstr (cloud->exemptions_create, ==, clouds[i].create);
      g_assert_cmpstr (cloud->exemptions_newest, ==, clouds[i].newest);
      g_assert_cmpint (cloud->policy_in_graph, ==, clouds[i].policy_in_graph);
    }
}

static LwCloud *
from_metadata (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);

  g_assert_nonnull (node);
  return lw_cloud_from_metadata ("https://arm.stack.example", node, error);
}

#define GOOD_REST                                                                                  \
  "\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/srv/"       \
  "ledger\""

static LwProfile *
profile_from (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return lw_profile_from_json (bytes, error);
}

/* The shape of api-version 2022-09-01. */
#define METADATA(arm, login, graph)                                                                \
  "{\"name\":\"Stack\",\"portal\":\"https://portal.stack.example\",\"authentication\":{"           \
  "\"loginEndpoint\":" login ",\"audiences\":[\"https://management.stack.example/guid\"],"         \
  "\"tenant\":\"common\",\"identityProvider\":\"AAD\"},\"resourceManager\":\"" arm "\","           \
  "\"microsoftGraphResourceId\":" graph ",\"suffixes\":{\"storage\":\"stack.example\"}}"

#define STACK                                                                                      \
  METADATA ("https://arm.stack.example", "\"https://login.stack.example/\"",                       \
            "\"https://graph.stack.example/\"")
#define OTHER METADATA ("https://arm.other.example", "\"https://login.other.example\"", "null")

static void
test_cloud_metadata (void)
{
  static const char *const good[] = { STACK, "[" OTHER "," STACK "]", "[" STACK "]" };
  static const char *const bad[] = {
    "{}",
    "[]",
    "null",
    "7",
    "[" OTHER "]",
    "[7,null]",
    METADATA ("https://arm.stack.example", "7", "\"https://graph.stack.example\""),
    METADATA ("https://arm.stack.example", "\"http://login.stack.example\"",
              "\"https://graph.stack.example\""),
    METADATA ("https://arm.stack.example", "\"https://u:p@login.example\"",
              "\"https://graph.stack.example\""),
    METADATA ("https://arm.stack.example", "\"https://login.stack.example\"", "null"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (LwCloud) cloud = from_metadata (good[i], NULL);
      g_autofree char *scope = lw_cloud_scope (cloud, LW_AUDIENCE_ARM);

      g_assert_cmpstr (cloud->name, ==, "custom");
      g_assert_cmpstr (cloud->login, ==, "https://login.stack.example");
      g_assert_cmpstr (cloud->graph, ==, "https://graph.stack.example");
      g_assert_null (cloud->blob);
      g_assert_true (allows (cloud, LW_AUDIENCE_STORAGE, "https://acct1.blob.stack.example/c"));
      g_assert_cmpstr (scope, ==, "https://management.stack.example/guid/.default");
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (from_metadata (bad[i], &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
    }
}

#define NAMING(arm, login, audience, graph, storage)                                               \
  "{\"authentication\":{\"loginEndpoint\":\"https://" login                                        \
  "\",\"audiences\":[\"https://" audience "\"]},\"resourceManager\":\"https://" arm                \
  "\",\"microsoftGraphResourceId\":\"https://" graph "\",\"suffixes\":{\"storage\":\"" storage     \
  "\"}}"

/* A host that wants the tokens of another cloud does not get them. */
static void
test_cloud_metadata_elsewhere (void)
{
  static const char here[] = "stack.example";
  static const char *const bad[] = {
    NAMING ("management.azure.com", "l.stack.example", "a.stack.example", "g.stack.example", "s.e"),
    "[" NAMING ("arm.other.example", "l.stack.example", "a.stack.example", "g.stack.example",
                "s.e") "]",
    NAMING ("arm.stack.example", "login.microsoftonline.com", "arm.stack.example",
            "g.stack.example", "s.e"),
    NAMING ("arm.stack.example", "LOGIN.microsoftonline.US.", "a.stack.example", "g.stack.example",
            "s.e"),
    NAMING ("arm.stack.example", "login.windows.net", "a.stack.example", "g.stack.example", "s.e"),
    NAMING ("arm.stack.example", "l.stack.example", "management.azure.com", "g.stack.example",
            "s.e"),
    NAMING ("arm.stack.example", "l.stack.example", "management.core.windows.net/",
            "g.stack.example", "s.e"),
    NAMING ("arm.stack.example", "l.stack.example", "storage.azure.com", "g.stack.example", "s.e"),
    NAMING ("arm.stack.example", "l.stack.example", "a.stack.example",
            "microsoftgraph.chinacloudapi.cn", "s.e"),
    NAMING ("arm.stack.example", "l.stack.example", "a.stack.example", "g.stack.example",
            "core.windows.net"),
  };
  static const char good[] = NAMING ("ARM.stack.example:443/", "l.notazure.com", "a.stack.example",
                                     "g.stack.example", "s.e");
  g_autoptr (LwCloud) cloud = from_metadata (good, NULL);

  g_assert_nonnull (cloud);
  g_assert_cmpstr (cloud->login, ==, "https://l.notazure.com");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (from_metadata (bad[i], &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
      g_assert_nonnull (strstr (error->message, here));
    }
}

static gboolean
set_versions (LwCloud *cloud, const char *text, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);

  return lw_cloud_set_versions (cloud, json_node_get_object (node), error);
}

/* What was read from a cloud stands in the profile, and comes back from there. */
static void
test_cloud_kept (void)
{
  g_autoptr (LwProfile) bare =
      profile_from ("{\"cloud\":\"custom\",\"endpoints\":{\"arm\":\"https://arm.stack.example\"},"
                    "\"apiVersions\":{\"assignments\":\"2023-04-01\"}," GOOD_REST "}",
                    NULL);
  g_autoptr (LwCloud) cloud = from_metadata (STACK, NULL);
  g_autoptr (LwCloud) china = lw_cloud_new_named ("AzureChinaCloud", NULL);
  g_autoptr (LwProfile) whole = lw_profile_with_cloud (bare, cloud, NULL);
  g_autoptr (LwProfile) known = lw_profile_with_cloud (bare, china, NULL);
  g_autoptr (GBytes) text = lw_profile_to_json (whole);
  g_autoptr (LwProfile) again = lw_profile_from_json (text, NULL);

  g_assert_true (lw_profile_needs_endpoints (bare));
  g_assert_false (lw_profile_needs_endpoints (again));
  g_assert_cmpstr (lw_profile_get_cloud (again)->login, ==, "https://login.stack.example");
  g_assert_cmpstr (lw_profile_get_cloud (again)->audience, ==, cloud->audience);
  g_assert_cmpstr (lw_profile_get_cloud (again)->storage_suffix, ==, "stack.example");
  g_assert_cmpstr (lw_profile_get_cloud (again)->assignments, ==, "2023-04-01");
  g_assert_cmpstr (lw_profile_get_cloud (known)->name, ==, "AzureChinaCloud");
  g_assert_false (lw_profile_get_cloud (known)->policy_in_graph);
}

static void
test_cloud_versions (void)
{
  static const char *const bad[] = { "{\"exemptionsNewest\":7}", "{\"exemptionsNewest\":null}",
                                     "{\"assignments\":\"2024\"}",
                                     "{\"assignments\":\"2024-01-01&x=1\"}",
                                     "{\"exemptions\":\"2024-12-01-preview\"}" };
  g_autoptr (LwCloud) cloud = lw_cloud_new_named ("AzureCloud", NULL);

  g_assert_true (lw_cloud_set_versions (cloud, NULL, NULL));
  g_assert_true (set_versions (cloud, "{\"exemptionsNewest\":\"2024-12-01-preview\"}", NULL));
  g_assert_cmpstr (cloud->exemptions_newest, ==, "2024-12-01-preview");
  g_assert_cmpstr (cloud->exemptions_create, ==, "2022-07-01-preview");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (set_versions (cloud, bad[i], &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
    }
}

/* Api-versions that a cloud offers instead. */
static void
test_versions_offered (void)
{
  static const struct
  {
    const char *message, *used, *instead;
  } cases[] = {
    { "No registered resource provider found for location 'global' and API version "
      "'2026-01-01-preview' for type 'policyExemptions'. The supported api-versions are "
      "'2020-07-01-preview, 2022-07-01-preview'. The supported locations are ', global'.",
      "2026-01-01-preview", "2022-07-01-preview" },
    { "The resource type 'policyExemptions' could not be found in the namespace "
      "'Microsoft.Authorization' for api version '2022-07-01-preview'. The supported api-versions "
      "are '2026-01-01-preview,2024-12-01-preview'.",
      "2022-07-01-preview", "2024-12-01-preview" },
    { "The api-version '2026-01-01-preview' is invalid. The supported versions are "
      "'2025-01-01,latest,,2024-12-01-preview,2024-03-0",
      "2026-01-01-preview", "2025-01-01" },
    { "The supported api-versions are ''.", "2026-01-01-preview", "2025-12-01-preview" },
    { "Unknown.", "2022-07-01-preview", "2020-07-01-preview" },
    { NULL, "2020-07-01-preview", NULL },
    { "The supported api-versions are '2026-01-01-preview'.", "2026-01-01-preview", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) offered = lw_versions_in_message (cases[i].message);
      g_autofree char *instead =
          lw_version_instead (LW_API_EXEMPTIONS, cases[i].used, (const char *const *) offered);

      g_assert_cmpstr (instead, ==, cases[i].instead);
    }
}

/* Profiles */

static void
test_profile_bad (void)
{
  static const struct
  {
    const char *text;
    const char *says;
  } cases[] = {
    { "", "cannot be read" },
    { "nonsense", "cannot be read" },
    { "[]", "no JSON object" },
    { "{}", "tenant" },
    { "{\"cloud\":\"Azure\"," GOOD_REST "}", "no cloud" },
    { "{\"cloud\":7," GOOD_REST "}", "cloud" },
    { "{\"cloud\":\"custom\"," GOOD_REST "}", "endpoints" },
    { "{\"endpoints\":{\"arm\":\"https://a\",\"graph\":\"https://b\"}," GOOD_REST "}", "login" },
    { "{\"endpoints\":{\"arm\":\"https://a\",\"login\":\"https://b\",\"graph\":\"https://c\","
      "\"storageSuffix\":\"https://d\"}," GOOD_REST "}",
      "no domain name" },
    { "{\"endpoints\":{\"arm\":\"http://a.example\"}," GOOD_REST "}", "https" },
    { "{\"endpoints\":{\"arm\":\"ftp://a\"}," GOOD_REST "}", "https" },
    { "{\"endpoints\":{\"arm\":\"https://u:p@a\"}," GOOD_REST "}", "https" },
    { "{\"tenant\":\"common\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\"}",
      "no tenant" },
    { "{\"tenant\":\"con toso\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\"}", "domain" },
    { "{\"tenant\":\"../x.y\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\"}", "domain" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"ledger\":\"/l\"}", "clientId" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"leeway\",\"ledger\":\"/l\"}", "clientId" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\"}", "ledger" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"l\"}",
      "full path" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT
      "\",\"ledger\":\"https://evil.example/leeway\"}",
      "storage account" },
    { "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT
      "\",\"ledger\":\"https://acct.blob.core.windows.net/Upper\"}",
      "storage account" },
    { "{\"signIn\":\"certificate\"," GOOD_REST "}", "certificateFile" },
    { "{\"certificateFile\":\"c.pem\"," GOOD_REST "}", "full path" },
    { "{\"account\":\"x\"," GOOD_REST "}", "no JSON object" },
    { "{\"account\":{\"upn\":\"x\"}," GOOD_REST "}", "has no “id”" },
    { "{\"name\":7," GOOD_REST "}", "“name” of the profile is not a text" },
    { "{\"signIn\":\"carrier pigeon\"," GOOD_REST "}", "no way to sign in" },
    { "{\"caFile\":\"ca.pem\"," GOOD_REST "}", "full path" },
    { "{\"caFile\":[]," GOOD_REST "}", "caFile" },
    { "{\"apiVersions\":[]," GOOD_REST "}", "apiVersions" },
    { "{\"apiVersions\":{\"assignments\":\"new\"}," GOOD_REST "}", "apiVersions.assignments" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwProfile) profile = profile_from (cases[i].text, &error);

      g_assert_null (profile);
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].says);
    }
}

static void
test_profile_good (void)
{
  g_autoptr (LwProfile) profile = profile_from ("{" GOOD_REST ",\"later\":{\"a\":[1,2]}}", NULL);
  g_autoptr (LwProfile) blob = profile_from (
      "{\"tenant\":\"contoso.onmicrosoft.com\",\"clientId\":\"" LW_TEST_CLIENT
      "\",\"ledger\":\"https://acct1.blob.core.windows.net/leeway-prod\",\"signIn\":\"browser\"}",
      NULL);
  g_autoptr (LwProfile) token = profile_from (
      "{\"tenant\":\"" LW_TEST_TENANT "\",\"ledger\":\"/l\",\"signIn\":\"token\"}", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwProfile) again = NULL;

  g_assert_nonnull (profile);
  g_assert_nonnull (blob);
  g_assert_nonnull (token);
  g_assert_cmpint (lw_profile_get_sign_in (token), ==, LW_SIGN_IN_TOKEN);
  g_assert_cmpstr (lw_profile_get_cloud (profile)->name, ==, "AzureCloud");
  bytes = lw_profile_to_json (profile);
  g_assert_nonnull (strstr (g_bytes_get_data (bytes, NULL), "\"later\""));
  again = lw_profile_from_json (bytes, NULL);
  g_assert_cmpstr (lw_profile_get_key (again), ==, lw_profile_get_key (profile));
  g_assert_cmpstr (lw_profile_get_key (blob), !=, lw_profile_get_key (profile));
}

static void
test_profile_members (void)
{
  static const char *const ways[] = { "browser", "device-code", "secret", "certificate", "token" };
  g_autoptr (LwProfile) profile = profile_from (
      "{" GOOD_REST ",\"name\":\"Contoso <b>\",\"account\":{\"id\":\"o-1\",\"upn\":\"p@x\"},"
      "\"certificateFile\":\"/c.pem\"}",
      NULL);
  g_autoptr (LwProfile) other = NULL;
  g_autoptr (LwProfile) none = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwProfile) again = NULL;

  g_assert_cmpstr (lw_profile_get_name (profile), ==, "Contoso <b>");
  g_assert_cmpstr (lw_profile_get_account_id (profile), ==, "o-1");
  g_assert_cmpstr (lw_profile_get_account_upn (profile), ==, "p@x");
  g_assert_cmpstr (lw_profile_get_certificate_file (profile), ==, "/c.pem");
  other = lw_profile_with_account (profile, "o-2", NULL);
  g_assert_cmpstr (lw_profile_get_account_id (other), ==, "o-2");
  g_assert_null (lw_profile_get_account_upn (other));
  g_assert_cmpstr (lw_profile_get_key (other), ==, lw_profile_get_key (profile));
  none = lw_profile_with_account (other, NULL, NULL);
  g_assert_null (lw_profile_get_account_id (none));
  bytes = lw_profile_to_json (other);
  again = lw_profile_from_json (bytes, NULL);
  g_assert_cmpstr (lw_profile_get_account_id (again), ==, "o-2");
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{" GOOD_REST ",\"signIn\":\"%s\",\"certificateFile\":\"/c.pem\"}", ways[i]);
      g_autoptr (LwProfile) way = profile_from (text, NULL);

      g_assert_cmpint (lw_profile_get_sign_in (way), ==, i);
    }
}

/* A custom cloud that names its ARM alone is filled in later. */
static void
test_profile_endpoints (void)
{
  g_autoptr (LwProfile) bare =
      profile_from ("{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\","
                    "\"ledger\":\"https://acct1.blob.stack.example/leeway\","
                    "\"endpoints\":{\"arm\":\"https://arm.stack.example/\"}}",
                    NULL);
  g_autoptr (LwCloud) cloud =
      lw_cloud_new_custom ("https://arm.stack.example", "https://login.stack.example",
                           "https://graph.stack.example", NULL);
  g_autoptr (LwProfile) full = NULL;
  g_autoptr (LwProfile) elsewhere = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = g_uri_parse ("https://acct1.blob.stack.example/leeway", 0, NULL);

  g_assert_true (lw_profile_needs_endpoints (bare));
  g_assert_cmpstr (lw_profile_get_cloud (bare)->login, ==, "");
  cloud->storage_suffix = g_strdup ("stack.example");
  full = lw_profile_with_cloud (bare, cloud, &error);
  g_assert_no_error (error);
  g_assert_false (lw_profile_needs_endpoints (full));
  g_assert_cmpstr (lw_profile_get_cloud (full)->login, ==, "https://login.stack.example");
  g_assert_true (lw_cloud_allows (lw_profile_get_cloud (full), LW_AUDIENCE_STORAGE, uri));
  g_assert_cmpstr (lw_profile_get_key (full), ==, lw_profile_get_key (bare));
  g_set_str (&cloud->storage_suffix, "other.example");
  elsewhere = lw_profile_with_cloud (bare, cloud, &error);
  g_assert_null (elsewhere);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cloud/public", test_cloud_public);
  g_test_add_func ("/cloud/custom", test_cloud_custom);
  g_test_add_func ("/cloud/national", test_cloud_national);
  g_test_add_func ("/cloud/metadata", test_cloud_metadata);
  g_test_add_func ("/cloud/metadata-elsewhere", test_cloud_metadata_elsewhere);
  g_test_add_func ("/cloud/kept", test_cloud_kept);
  g_test_add_func ("/cloud/versions", test_cloud_versions);
  g_test_add_func ("/versions/offered", test_versions_offered);
  g_test_add_func ("/profile/bad", test_profile_bad);
  g_test_add_func ("/profile/good", test_profile_good);
  g_test_add_func ("/profile/members", test_profile_members);
  g_test_add_func ("/profile/endpoints", test_profile_endpoints);
  return g_test_run ();
}
