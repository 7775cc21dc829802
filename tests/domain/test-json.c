/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"

static JsonNode *
parse_data (const char *data, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  return lw_json_parse (bytes, 0, error);
}

static void
assert_refused (const char *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse_data (data, size, &error);

  if (node != NULL)
    g_test_message ("accepted: %.*s", (int) size, data);
  g_assert_null (node);
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (g_str_has_prefix (error->message, "Line "));
}

static void
assert_canonical (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lw_json_parse_string (text, &error);
  g_autofree char *written = NULL;

  if (error != NULL)
    g_test_message ("%s: %s", text, error->message);
  g_assert_no_error (error);
  written = lw_json_canonical (node, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, expected);
}

static void
test_valid (void)
{
  static const struct
  {
    const char *text;
    const char *canonical;
  } cases[] = {
    { "null", "null" },
    { " \t\r\n true \n", "true" },
    { "\"\"", "\"\"" },
    { "[]", "[]" },
    { "{}", "{}" },
    { "[[] ,{ } ]", "[[],{}]" },
    { "{\"\":0}", "{\"\":0}" },
    { "\xEF\xBB\xBF[1]", "[1]" },
    { "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}" },
    { "\"\\u0041\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"A\\\"\\\\/\\b\\f\\n\\r\\t\"" },
    { "\"\\u001F\\u0001\"", "\"\\u001f\\u0001\"" },
    { "\"\\uD834\\uDD1E\"", "\"\360\235\204\236\"" },
    { "\"\177\"", "\"\177\"" },
    { "\"\\uFFFF\\uFDD0\"", "\"\xEF\xBF\xBF\xEF\xB7\x90\"" },
    { "\"\xE2\x80\xA8\"", "\"\xE2\x80\xA8\"" },
    { "0", "0" },
    { "-0", "0" },
    { "-1", "-1" },
    { "9007199254740992", "9007199254740992" },
    { "-9007199254740992", "-9007199254740992" },
    { "0.1", "0.1" },
    { "1.10", "1.1" },
    { "1.0", "1" },
    { "0.0", "0" },
    { "0e999999999999999999999", "0" },
    { "-0.000e-5", "0" },
    { "1E2", "100" },
    { "1e+2", "100" },
    { "12.5e-1", "1.25" },
    { "100e-2", "1" },
    { "1e308", "1e+308" },
    { "5e-324", "5e-324" },
    { "0.00001e10", "100000" },
    { "1000000000000000000000000e-24", "1" },
    { "0.0000001", "1e-7" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_canonical (cases[i].text, cases[i].canonical);
}

static void
test_invalid (void)
{
  static const char *const cases[] = {
    "",
    " ",
    "[",
    "]",
    "{",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[1]]",
    "[1] 2",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"x\":{\"a\":null,\"a\":null}}",
    "nul",
    "nulls",
    "True",
    "NaN",
    "Infinity",
    "-Infinity",
    "undefined",
    "tru",
    "truee",
    "'a'",
    "\"",
    "\"a",
    "\"\\",
    "\"\\a\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\uD800\"",
    "\"\\uD800x\"",
    "\"\\uD800\\n\"",
    "\"\\uDC00\"",
    "\"\\uD800\\uD800\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "{\"\\u0000\":1}",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x01\"",
    "01",
    "-01",
    "00",
    "1.",
    ".1",
    "-",
    "+1",
    "-.1",
    "1e",
    "1e+",
    "1.e1",
    "0x10",
    "1a",
    "1_000",
    "--1",
    "1e1.5",
    "2.e+3",
    "//x\n1",
    "/*x*/1",
    "1 //x",
    "#1",
    "\xEF\xBB\xBF",
    "\xEF\xBB\xBF\xEF\xBB\xBF"
    "1",
    "\xEF\xBB",
    "\xFF",
    "\"\xC0\xAF\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xE2\x82\"",
    "\"\x80\"",
    "\xC2\xA0"
    "1",
    "\v1",
    "\f1",
    /* Numbers that would not survive. */
    "1e400",
    "-1e400",
    "1e-400",
    "12345678901234567890123",
    "9223372036854775808.5",
    "18446744073709551616",
    "0.1000000000000000055511151231257827",
    "9007199254740993.5",
    "1.7976931348623159e308",
    "4e-324",
    "123456789012345678e1",
    "0.30000000000000004441",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "3.141592653589793238",
  };
  static const char nul_outside[] = "[1]\0";
  static const char nul_inside[] = "\"a\0b\"";

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i], strlen (cases[i]));
  assert_refused (nul_outside, sizeof nul_outside - 1);
  assert_refused (nul_inside, sizeof nul_inside - 1);
}

static void
test_integers (void)
{
  static const struct
  {
    const char *text;
    gint64 value;
  } cases[] = {
    { "0", 0 },
    { "9223372036854775807", G_MAXINT64 },
    { "-9223372036854775808", G_MININT64 },
    { "9007199254740993", G_GINT64_CONSTANT (9007199254740993) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = lw_json_parse_string (cases[i].text, NULL);

      g_assert_nonnull (node);
      g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
      g_assert_cmpint (json_node_get_int (node), ==, cases[i].value);
    }
}

static void
test_message (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lw_json_parse_string ("{\n  \"é\": 1,\n  \"é\": 2}", &error);

  g_assert_null (node);
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);
  g_assert_cmpstr (error->message, ==,
                   "Line 3, column 3: This member stands twice in the same object.");
}

static void
test_depth (void)
{
  for (guint depth = 1; depth <= 70; depth++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = NULL;

      for (guint i = 0; i < depth; i++)
        g_string_append (text, i % 2 ? "{\"a\":" : "[");
      g_string_append_c (text, '1');
      for (guint i = depth; i > 0; i--)
        g_string_append_c (text, (i - 1) % 2 ? '}' : ']');
      node = lw_json_parse_string (text->str, &error);
      g_assert_true ((node != NULL) == (depth <= LW_JSON_MAX_DEPTH));
    }
  /* What never closes must not cost a stack either. */
  {
    g_autofree char *open = g_strnfill (2000000, '[');

    assert_refused (open, 2000000);
  }
}

static void
test_size (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("[1,2]", 5);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) fits = lw_json_parse (bytes, 5, &error);
  g_autoptr (JsonNode) too_large = NULL;
  g_autofree char *digits = g_strnfill (1000000, '7');
  g_autofree char *zeros = g_strnfill (1000000, '0');
  g_autofree char *fraction = g_strconcat ("0.", zeros, NULL);

  g_assert_no_error (error);
  g_assert_nonnull (fits);
  too_large = lw_json_parse (bytes, 4, &error);
  g_assert_null (too_large);
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);

  assert_refused (digits, 1000000);
  assert_refused (zeros, 1000000);
  assert_canonical (fraction, "0");
}

/* RFC 8785, appendix B. */
static void
test_rfc_numbers (void)
{
  static const struct
  {
    guint64 bits;
    const char *text;
  } cases[] = {
    { 0x0000000000000000, "0" },
    { 0x8000000000000000, "0" },
    { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" },
    { 0x7fefffffffffffff, "1.7976931348623157e+308" },
    { 0xffefffffffffffff, "-1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" },
    { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" },
    { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
    { 0x44b52d02c7e14af6, "1e+23" },
    { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
    { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
    { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
    { 0x444b1ae4d6e2ef50, "1e+21" },
    { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" },
    { 0x41b3de4355555553, "333333333.3333332" },
    { 0x41b3de4355555554, "333333333.33333325" },
    { 0x41b3de4355555555, "333333333.3333333" },
    { 0x41b3de4355555556, "333333333.3333334" },
    { 0x41b3de4355555557, "333333333.33333343" },
    { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
    /* At a power of two the nearest of 16 digits does not read back, its neighbour does. */
    { 0x3d30000000000000, "5.684341886080802e-14" },
    { 0x0010000000000000, "2.2250738585072014e-308" },
    { 0x000fffffffffffff, "2.225073858507201e-308" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *text = NULL;
      double value;

      memcpy (&value, &cases[i].bits, sizeof value);
      node = json_node_init_double (json_node_alloc (), value);
      text = lw_json_canonical (node, NULL);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_not_finite (void)
{
  const double values[] = { NAN, INFINITY, -INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (JsonNode) node = json_node_init_double (json_node_alloc (), values[i]);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = lw_json_canonical (node, &error);

      g_assert_null (text);
      g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);
    }
}

/* RFC 8785, sections 3.2.2 and 3.2.3. Its own sample holds 333333333.33333329 and 1E30, the first of
 * which the strict reader refuses, for it does not survive. */
static void
test_rfc_objects (void)
{
  assert_canonical (
      "{\"numbers\": [333333333.3333333, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
      " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
      " \"literals\": [null, true, false]}",
      "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
      "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  assert_refused ("333333333.33333329", 18);
  assert_canonical (
      "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
      "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
      "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
      "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
      "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
      "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\","
      "\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
  assert_canonical ("{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}");
}

static void
test_large_integers (void)
{
  g_autoptr (JsonNode) exact = lw_json_parse_string ("1152921504606847000", NULL);
  g_autoptr (JsonNode) inexact = lw_json_parse_string ("9007199254740993", NULL);
  g_autoptr (JsonNode) largest = lw_json_parse_string ("9223372036854775807", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = lw_json_canonical (exact, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1152921504606847000");
  g_assert_null (lw_json_canonical (inexact, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);
  g_clear_error (&error);
  g_assert_null (lw_json_canonical (largest, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON);
}

static void
test_digest (void)
{
  g_autoptr (JsonNode) one = lw_json_parse_string ("{\"b\": [1, 2], \"a\": \"x\"}", NULL);
  g_autoptr (JsonNode) other = lw_json_parse_string ("{\"a\":\"x\",\"b\":[1,2]}", NULL);
  g_autoptr (JsonNode) different = lw_json_parse_string ("{\"a\":\"x\",\"b\":[2,1]}", NULL);
  g_autoptr (JsonNode) empty = lw_json_parse_string ("{}", NULL);
  g_autofree char *one_digest = lw_json_digest (one, NULL);
  g_autofree char *other_digest = lw_json_digest (other, NULL);
  g_autofree char *different_digest = lw_json_digest (different, NULL);
  g_autofree char *empty_digest = lw_json_digest (empty, NULL);

  g_assert_cmpstr (one_digest, ==, other_digest);
  g_assert_cmpstr (one_digest, !=, different_digest);
  g_assert_cmpstr (empty_digest, ==,
                   "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

/* A random value of JSON, of at most @depth levels. */
static JsonNode *
random_node (guint depth)
{
  JsonNode *node = json_node_alloc ();
  guint kind = (guint) g_test_rand_int_range (0, depth > 0 ? 7 : 5);

  if (kind == 0)
    return json_node_init_null (node);
  if (kind == 1)
    return json_node_init_boolean (node, g_test_rand_bit ());
  if (kind == 2)
    return json_node_init_int (node, g_test_rand_int () * G_GINT64_CONSTANT (4194303));
  if (kind == 3)
    {
      guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      double value;

      memcpy (&value, &bits, sizeof value);
      return json_node_init_double (node, isfinite (value) ? value : 0.5);
    }
  if (kind == 4)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (gint i = g_test_rand_int_range (0, 12); i > 0; i--)
        {
          gunichar c = (gunichar) g_test_rand_int_range (1, g_test_rand_bit () ? 0x80 : 0x11000);

          g_string_append_unichar (text, c >= 0xD800 && c <= 0xDFFF ? 0x1F600 : c);
        }
      return json_node_init_string (node, text->str);
    }
  if (kind == 5)
    {
      g_autoptr (JsonArray) array = json_array_new ();

      for (gint i = g_test_rand_int_range (0, 5); i > 0; i--)
        json_array_add_element (array, random_node (depth - 1));
      return json_node_init_array (node, array);
    }
  {
    g_autoptr (JsonObject) object = json_object_new ();

    for (gint i = g_test_rand_int_range (0, 5); i > 0; i--)
      {
        g_autofree char *name = g_strdup_printf ("m%d", g_test_rand_int_range (0, 1000));

        json_object_set_member (object, name, random_node (depth - 1));
      }
    return json_node_init_object (node, object);
  }
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (JsonNode) node = random_node (5);
      g_autofree char *canonical = lw_json_canonical (node, NULL);
      g_autofree char *pretty = lw_json_pretty (node);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) from_canonical = lw_json_parse_string (canonical, &error);
      g_autoptr (JsonNode) from_pretty = NULL;
      g_autofree char *again = NULL;
      g_autofree char *pretty_again = NULL;
      g_autofree char *pretty_canonical = NULL;

      g_assert_no_error (error);
      from_pretty = lw_json_parse_string (pretty, &error);
      g_assert_no_error (error);
      again = lw_json_canonical (from_canonical, NULL);
      pretty_again = lw_json_pretty (from_pretty);
      pretty_canonical = lw_json_canonical (from_pretty, NULL);
      g_assert_cmpstr (again, ==, canonical);
      g_assert_cmpstr (pretty_again, ==, pretty);
      g_assert_cmpstr (pretty_canonical, ==, canonical);
    }
}

/* Broken in one place, any text is either refused or read; never a crash, never a critical. */
static void
test_mutations (void)
{
  static const char seed[] = "{\"a\":[1,2.5,-3e10,\"x\\n\\u00e9\\uD83D\\uDE00\"],\"b\":{\"c\":null,"
                             "\"d\":true},\"e\":\"\xC3\xA9\"}";
  guint refused = 0;

  for (guint i = 0; i < 20000; i++)
    {
      char text[sizeof seed];
      gsize size = sizeof seed - 1;
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      memcpy (text, seed, sizeof seed);
      for (gint n = g_test_rand_int_range (1, 4); n > 0; n--)
        text[g_test_rand_int_range (0, (gint32) size)] = (char) g_test_rand_int_range (0, 256);
      if (g_test_rand_bit ())
        size = (gsize) g_test_rand_int_range (0, (gint32) size + 1);
      node = parse_data (text, size, &error);
      g_assert_true ((node == NULL) == (error != NULL));
      refused += node == NULL;
    }
  g_assert_cmpuint (refused, >, 10000);
}

static void
test_getters (void)
{
  g_autoptr (JsonNode) node = lw_json_parse_string (
      "{\"s\":\"x\",\"i\":7,\"d\":1.5,\"b\":true,\"n\":null,\"o\":{\"p\":{\"q\":3}},"
      "\"a\":[\"y\",1,{}]}",
      NULL);
  JsonObject *o = lw_json_node_object (node);
  JsonArray *a = lw_json_get_array (o, "a");

  g_assert_cmpstr (lw_json_get_string (o, "s"), ==, "x");
  g_assert_null (lw_json_get_string (o, "i"));
  g_assert_null (lw_json_get_string (o, "n"));
  g_assert_null (lw_json_get_string (o, "o"));
  g_assert_null (lw_json_get_string (o, "none"));
  g_assert_null (lw_json_get_string (NULL, "s"));
  g_assert_cmpint (lw_json_get_int (o, "i", 1), ==, 7);
  g_assert_cmpint (lw_json_get_int (o, "d", 1), ==, 1);
  g_assert_cmpint (lw_json_get_int (o, "s", 1), ==, 1);
  g_assert_true (lw_json_get_boolean (o, "b", FALSE));
  g_assert_true (lw_json_get_boolean (o, "i", TRUE));
  g_assert_null (lw_json_get_object (o, "a"));
  g_assert_null (lw_json_get_array (o, "o"));
  g_assert_cmpint (json_node_get_int (lw_json_path (o, "o.p.q")), ==, 3);
  g_assert_null (lw_json_path (o, "o.x.q"));
  g_assert_null (lw_json_path (o, "s.p"));
  g_assert_null (lw_json_path (NULL, "s"));
  g_assert_cmpstr (lw_json_array_get_string (a, 0), ==, "y");
  g_assert_null (lw_json_array_get_string (a, 1));
  g_assert_null (lw_json_array_get_string (a, 9));
  g_assert_nonnull (lw_json_array_get_object (a, 2));
  g_assert_null (lw_json_array_get_object (NULL, 0));
  g_assert_null (lw_json_node_object (NULL));
  g_assert_null (lw_json_object_copy (NULL));
}

static void
test_copies_share_nothing (void)
{
  g_autoptr (JsonNode) node = lw_json_parse_string ("{\"o\":{\"p\":[{\"q\":1}]}}", NULL);
  g_autoptr (JsonObject) copy = lw_json_object_copy (json_node_get_object (node));
  g_autofree char *before = lw_json_canonical (node, NULL);
  g_autofree char *after = NULL;
  JsonArray *array = lw_json_get_array (lw_json_get_object (copy, "o"), "p");

  lw_json_set_string (lw_json_array_get_object (array, 0), "q", NULL);
  after = lw_json_canonical (node, NULL);
  g_assert_cmpstr (before, ==, after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/valid", test_valid);
  g_test_add_func ("/json/invalid", test_invalid);
  g_test_add_func ("/json/integers", test_integers);
  g_test_add_func ("/json/message", test_message);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/size", test_size);
  g_test_add_func ("/json/rfc8785/numbers", test_rfc_numbers);
  g_test_add_func ("/json/rfc8785/objects", test_rfc_objects);
  g_test_add_func ("/json/rfc8785/not-finite", test_not_finite);
  g_test_add_func ("/json/rfc8785/large-integers", test_large_integers);
  g_test_add_func ("/json/digest", test_digest);
  g_test_add_func ("/json/round-trip", test_round_trip);
  g_test_add_func ("/json/mutations", test_mutations);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/copies", test_copies_share_nothing);
  return g_test_run ();
}
