/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-outbox-card.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-decision-words.h"
#include "lw-diff-label.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwOutboxCard
{
  AdwBin parent_instance;
  LwWorkspace *workspace;
  LwOutboxItem *item;
  GtkBox *box;
  GtkBox *sides;      /* nullable */
  GtkBox *theirs;     /* nullable: what happened; filled once it is read */
  GtkBox *difference; /* nullable: between both contents, likewise */
};

G_DEFINE_FINAL_TYPE (LwOutboxCard, lw_outbox_card, ADW_TYPE_BIN)

enum
{
  SEND_AGAIN,
  EDIT,
  DISCARD,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

char *
lw_outbox_card_title (const LwOutboxItem *item)
{
  const char *kind = lw_outbox_item_kind_label (item);

  if (item->title == NULL || *item->title == '\0')
    return g_strdup (kind);
  /* Translators: what waits and on which request: "Comment on “Private endpoint”". */
  return g_strdup_printf (_ ("%s on “%s”"), kind, item->title);
}

LwOutboxItem *
lw_outbox_card_get_item (LwOutboxCard *self)
{
  g_return_val_if_fail (LW_IS_OUTBOX_CARD (self), NULL);
  return self->item;
}

void
lw_outbox_card_set_wide (LwOutboxCard *self, gboolean wide)
{
  g_return_if_fail (LW_IS_OUTBOX_CARD (self));
  if (self->sides == NULL)
    return;
  gtk_box_set_homogeneous (self->sides, wide);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->sides),
                                  wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
}

/* --- what happened meanwhile -------------------------------------------------------------------- */

static void
add_event (LwOutboxCard *self, const LwEvent *event, GDateTime *now)
{
  g_autofree char *what = lw_words_event (event);
  g_autofree char *when = lw_date_relative (event->at, now);
  g_autofree char *sentence = g_strdup_printf (_ ("%s, %s"), what, when);
  const char *comment = lw_words_event_comment (event);

  gtk_box_append (self->theirs, lw_text_new (sentence));
  if (comment != NULL)
    gtk_box_append (self->theirs, lw_note_new ("chat-message-new-symbolic", comment, "accent"));
}

static void
add_field (LwOutboxCard *self, const char *caption, const char *theirs, const char *mine)
{
  if (g_strcmp0 (theirs ? theirs : "", mine ? mine : "") != 0)
    gtk_box_append (
        self->difference,
        lw_field_new_for (caption, lw_diff_label_new (theirs ? theirs : "", mine ? mine : "")));
}

/* What is in force, with what the person's own submission would make of it. */
static void
show_difference (LwOutboxCard *self, LwCase *value)
{
  g_autoptr (LwRequest) request = lw_outbox_item_request (self->item);
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_workspace_get_session (self->workspace));
  g_autoptr (GPtrArray) changes = NULL;

  if (self->difference == NULL || request == NULL || value->content == NULL)
    return;
  gtk_box_append (self->difference, lw_caption_new (_ ("Yours against what is in force")));
  add_field (self, _ ("Title"), value->content->title, request->title);
  add_field (self, _ ("What is blocked"), value->content->reason->blocker,
             request->reason->blocker);
  add_field (self, _ ("What the policy protects"), value->content->reason->control,
             request->reason->control);
  add_field (self, _ ("Why it cannot be met now"), value->content->reason->impractical,
             request->reason->impractical);
  add_field (self, _ ("What it will be"), value->content->reason->end_state,
             request->reason->end_state);
  changes = lw_words_changes (hierarchy, value->content, request);
  for (guint i = 0; i < changes->len; i++)
    gtk_box_append (self->difference, lw_text_new (g_ptr_array_index (changes, i)));
  if (gtk_widget_get_next_sibling (gtk_widget_get_first_child (GTK_WIDGET (self->difference))) ==
      NULL)
    gtk_box_append (self->difference, lw_text_new (_ ("Both are the same.")));
  gtk_widget_set_visible (GTK_WIDGET (self->difference), TRUE);
}

static void
case_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwOutboxCard *self = owner;
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  g_autoptr (GPtrArray) events = NULL;
  GtkWidget *child;
  LwCase *item;

  while ((child = gtk_widget_get_last_child (GTK_WIDGET (self->theirs))) !=
         gtk_widget_get_first_child (GTK_WIDGET (self->theirs)))
    gtk_box_remove (self->theirs, child);
  if (value == NULL)
    {
      gtk_box_append (self->theirs, lw_text_new (error->message));
      return;
    }

  item = g_value_get_boxed (value);
  events = lw_outbox_item_events_since (self->item, item);
  for (guint i = 0; i < events->len; i++)
    add_event (self, g_ptr_array_index (events, i), now);
  if (events->len == 0)
    gtk_box_append (self->theirs, lw_text_new (_ ("Nothing was added to the record since.")));
  show_difference (self, item);
}

/* --- what it is --------------------------------------------------------------------------------- */

static GtkBox *
side_new (const char *caption)
{
  GtkWidget *box =
      g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 6, "hexpand",
                    TRUE, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, caption, -1);
  gtk_box_append (GTK_BOX (box), lw_caption_new (caption));
  return GTK_BOX (box);
}

/* What the person wrote. */
static void
add_own (LwOutboxCard *self, GtkBox *box)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_workspace_get_session (self->workspace));
  g_autoptr (LwRequest) request = NULL;
  g_autofree char *sentence = NULL;
  const char *text = lw_outbox_item_text (self->item);

  if (self->item->kind == LW_EVENT_SUBMITTED)
    {
      request = lw_outbox_item_request (self->item);
      sentence = request != NULL ? lw_words_sentence (hierarchy, request) : NULL;
      text = sentence;
    }
  if (text != NULL && *text != '\0')
    gtk_box_append (box, lw_text_new (text));
  else if (self->item->kind == LW_EVENT_WITHDRAWN)
    gtk_box_append (box, lw_text_new (_ ("Without a comment")));
}

static void
add_sides (LwOutboxCard *self)
{
  GtkWidget *sides = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkBox *own = side_new (_ ("What you wrote"));

  self->sides = GTK_BOX (sides);
  add_own (self, own);
  self->theirs = side_new (_ ("What happened meanwhile"));
  gtk_box_append (self->theirs, lw_text_new (_ ("Reading…")));
  gtk_box_append (GTK_BOX (sides), GTK_WIDGET (own));
  gtk_box_append (GTK_BOX (sides), GTK_WIDGET (self->theirs));
  gtk_box_append (self->box, sides);

  if (self->item->kind == LW_EVENT_SUBMITTED)
    {
      self->difference = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
      gtk_widget_set_visible (GTK_WIDGET (self->difference), FALSE);
      gtk_box_append (self->box, GTK_WIDGET (self->difference));
    }
  lw_when (lw_sender_load_case (lw_session_get_sender (lw_workspace_get_session (self->workspace)),
                                self->item->id),
           self, case_read, NULL, NULL);
}

static void
add_head (LwOutboxCard *self, const char *title)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  g_autofree char *when = lw_date_relative (self->item->written, now);
  g_autofree char *exact = lw_date_exact (self->item->written);
  g_autofree char *since = g_strdup_printf (_ ("Written %s"), when);
  gboolean conflict = self->item->state == LW_OUTBOX_CONFLICT;
  GtkWidget *pill = lw_pill_new (conflict ? C_ ("outbox", "Needs you") : C_ ("outbox", "Waiting"),
                                 conflict ? "warning" : "neutral");
  GtkWidget *section = lw_section_new (title, pill);
  GtkWidget *caption = lw_caption_new (since);

  gtk_widget_set_tooltip_text (caption, exact);
  gtk_box_append (GTK_BOX (section), caption);
  if (self->item->problem != NULL)
    gtk_box_append (GTK_BOX (section),
                    lw_note_new (conflict ? "dialog-warning-symbolic" : "lw-offline-symbolic",
                                 self->item->problem, conflict ? "warning" : "accent"));
  gtk_box_append (self->box, section);
}

static void
chosen (GtkButton *button, LwOutboxCard *self)
{
  guint which = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "signal"));

  g_signal_emit (self, signals[which], 0);
}

static void
add_button (LwOutboxCard *self, GtkWidget *to, const char *label, const char *title, guint which)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  g_autofree char *plain =
      g_strdup (gtk_label_get_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button)))));
  /* Translators: a button and what it is about, for a screen reader */
  g_autofree char *name = g_strdup_printf (_ ("%s: %s"), plain, title);

  g_object_set_data (G_OBJECT (button), "signal", GUINT_TO_POINTER (which));
  lw_button_set_name (button, name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (chosen), self, 0);
  adw_wrap_box_append (ADW_WRAP_BOX (to), button);
}

static void
add_buttons (LwOutboxCard *self, const char *title)
{
  GtkWidget *box = adw_wrap_box_new ();

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (box), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (box), 6);
  if (self->item->state == LW_OUTBOX_CONFLICT)
    add_button (self, box, _ ("_Send as It Stands"), title, SEND_AGAIN);
  add_button (self, box, _ ("_Edit…"), title, EDIT);
  add_button (self, box, _ ("_Discard"), title, DISCARD);
  gtk_box_append (self->box, box);
}

static void
build (LwOutboxCard *self)
{
  g_autofree char *title = lw_outbox_card_title (self->item);

  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_add_css_class (GTK_WIDGET (self->box), "card");
  gtk_widget_add_css_class (GTK_WIDGET (self->box), "lw-card-body");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
  add_head (self, title);
  if (self->item->state == LW_OUTBOX_CONFLICT)
    add_sides (self);
  else
    add_own (self, self->box);
  add_buttons (self, title);
}

static void
lw_outbox_card_finalize (GObject *object)
{
  LwOutboxCard *self = LW_OUTBOX_CARD (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->item, lw_outbox_item_unref);
  G_OBJECT_CLASS (lw_outbox_card_parent_class)->finalize (object);
}

static void
lw_outbox_card_class_init (LwOutboxCardClass *klass)
{
  static const char *const names[] = { "send-again", "edit", "discard" };

  G_OBJECT_CLASS (klass)->finalize = lw_outbox_card_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[i] = g_signal_new (names[i], LW_TYPE_OUTBOX_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
lw_outbox_card_init (LwOutboxCard *self)
{
}

GtkWidget *
lw_outbox_card_new (LwWorkspace *workspace, LwOutboxItem *item)
{
  LwOutboxCard *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (item != NULL, NULL);
  self = g_object_new (LW_TYPE_OUTBOX_CARD, NULL);
  self->workspace = g_object_ref (workspace);
  self->item = lw_outbox_item_ref (item);
  build (self);
  return GTK_WIDGET (self);
}
