/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pages of the sign-in: who are you? */

#include "lw-demo-call.h"

#include <string.h>

static const char style[] =
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content=\"width=device-width,initial-scale=1\"><title>Sign in</title>"
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;"
    "min-height:100vh;display:grid;place-items:center;background:light-dark(#f2f2f4,#1e1e20);"
    "color:light-dark(#222226,#f4f4f6)}main{width:min(26rem,calc(100vw - 2rem));padding:2rem 0}"
    "h1{font-size:1.4rem;margin:0}p{margin:.25rem 0 1.25rem;opacity:.75}"
    "ul{list-style:none;margin:0;padding:0;border-radius:12px;overflow:hidden;"
    "background:light-dark(#fff,#2e2e32);box-shadow:0 1px 3px rgb(0 0 0/.2)}"
    "li+li{border-top:1px solid light-dark(#e4e4e8,#3c3c42)}"
    "button{all:unset;display:block;box-sizing:border-box;width:100%;padding:.75rem "
    "1rem;cursor:pointer}"
    "button:hover{background:light-dark(#ececf0,#3a3a40)}"
    "button:focus-visible{outline:3px solid #3584e4;outline-offset:-3px}"
    "b{display:block;font-weight:600}small{opacity:.75}"
    "input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin-bottom:1rem}"
    "</style><main>";

static void
append (GString *page, const char *format, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  /* The formats are the constants below. */
  g_autofree char *before = g_strndup (format, strcspn (format, "@"));

  g_string_append (page, before);
  g_string_append (page, escaped);
  g_string_append (page, format + strlen (before) + 1);
}

static void
append_persona (GString *page, LwDemoPerson *person)
{
  append (page, "<li><button name=persona value=\"@\">", person->oid);
  append (page, "<b>@</b>", person->name);
  append (page, "<small>@ · ", person->upn);
  append (page, "@</small></button></li>", person->title);
}

/* Asks who signs in. @parameters are those of the authorization request, or %NULL on the page for
 * device codes. */
void
lw_demo_page (LwDemoCall *self, GHashTable *parameters, const char *hint)
{
  GString *page = g_string_new (style);
  LwDemoPerson *hinted = hint != NULL ? lw_demo_tenant_find_person (self->tenant, hint) : NULL;
  GHashTableIter iter;
  gpointer name, value;

  append (page, "<h1>Sign in to @</h1>", self->tenant->name);
  g_string_append (page, "<p>A simulated tenant. Choose who you are.</p><form method=get>");
  if (parameters != NULL)
    {
      g_hash_table_iter_init (&iter, parameters);
      while (g_hash_table_iter_next (&iter, &name, &value))
        {
          append (page, "<input type=hidden name=\"@\"", name);
          append (page, " value=\"@\">", value);
        }
    }
  else
    g_string_append (page, "<label>Code<input name=user_code required autofocus></label>");
  g_string_append (page, "<ul>");
  if (hinted != NULL && hinted->persona)
    append_persona (page, hinted);
  for (guint i = 0; i < self->tenant->people->len; i++)
    {
      LwDemoPerson *person = g_ptr_array_index (self->tenant->people, i);

      if (person->persona && person != hinted)
        append_persona (page, person);
    }
  if (parameters == NULL)
    g_string_append (page, "<li><button name=decline value=1><b>Decline</b></button></li>");
  g_string_append (page, "</ul></form></main></html>");
  lw_demo_call_set_header (self, "Cache-Control", "no-store, no-cache");
  lw_demo_call_reply (self, 200, "text/html; charset=utf-8", g_string_free (page, FALSE));
}

void
lw_demo_page_error (LwDemoCall *self, const char *code, const char *text)
{
  GString *page = g_string_new (style);

  g_string_append (page, "<h1>Sorry, but we’re having trouble signing you in.</h1>");
  append (page, "<p>@: ", code);
  append (page, "@</p></main></html>", text);
  lw_demo_call_reply (self, 400, "text/html; charset=utf-8", g_string_free (page, FALSE));
}
