/* SPDX-License-Identifier: MIT
 * The user's changes of a response, and taking them back. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/parts.h"
#include "store/store_stats.h"

static const char is_deleted[] =
    "This record is deleted; undo brings it back for some time.";

/* ---- changing ---- */

/* Its choices are the person's own as before, too. */
static bool is_same(const struct response *now, const struct response *next)
{
    bool is_same = response_equal(now, next) && now->is_changed == next->is_changed;
    for (size_t i = 0; is_same && i < now->values.count; i++) {
        const struct value *value = &now->values.items[i];
        is_same = value->own == values_find(&next->values, value->question)->own;
    }
    return is_same;
}

enum status store_put_response(struct store *store, const struct id *record,
                               const struct response *response,
                               const struct response *seen, enum change_kind kind,
                               int64_t edit, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    standing_read(store, ref.row, &standing);
    if (!is_same(&standing.ours, response)) {
        if (ref.is_deleted)
            err_set(&store->fault, STATUS_REFUSED, is_deleted);
        if (seen && !response_equal(seen, &standing.ours))
            err_set(&store->fault, STATUS_CONFLICT,
                    "This answer was changed elsewhere meanwhile; nothing was "
                    "overwritten. Look at it again, then change it.");
        bool is_empty =
            ref.has_completion && ref.state != COMPLETION_RUNNING && !ref.has_text;
        if (response->status == RESPONSE_SUBMITTED && is_empty)
            err_set(&store->fault, STATUS_REFUSED,
                    "There is no answer to rate: the model wrote none. Ask again, or "
                    "discard the record.");
        response_change_step(store, &ref, &standing.ours, response, kind, edit);
    }
    standing_clear(&standing);
    return write_end(store, err);
}

enum status store_set_aside(struct store *store, const struct id *record,
                            const struct response *ours, int64_t *step, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    int64_t number =
        write_find(store, "SELECT event FROM step WHERE event = ? AND is_undone = 0",
                   NUMBERS(*step));
    if (!ours) {
        write_run(store, "DELETE FROM step WHERE event = ?", NUMBERS(number));
        number = 0;
    } else if (number) {
        char *before = codec_print_response(ours);
        write_put(store, "UPDATE event SET before = ? WHERE number = ?",
                  VALUES(TEXT(before), INT(number)));
        free(before);
    } else {
        ref_find(store, record, &ref);
        standing_read(store, ref.row, &standing);
        const struct event event = {
            .ref = &ref, .kind = "choose", .before = ours, .after = &standing.ours};
        number = event_log_step(store, &event, 0);
    }
    standing_clear(&standing);
    enum status status = write_end(store, err);
    if (status == STATUS_OK)
        *step = number;
    return status;
}

/* ---- flags ---- */

const char flag_kind[] = "flag", unflag_kind[] = "unflag";

enum status store_put_flag(struct store *store, const struct id *record, bool is_flagged,
                           struct err *err)
{
    static const struct response none;
    struct record_ref ref;
    write_begin(store);
    ref_find(store, record, &ref);
    if (ref.is_flagged != is_flagged) {
        const struct event event = {.ref = &ref,
                                    .kind = is_flagged ? flag_kind : unflag_kind,
                                    .before = &none,
                                    .after = &none};
        record_put_flag(store, ref.row, QUEUE_FLAGGED, is_flagged);
        event_log_step(store, &event, 0);
    }
    return write_end(store, err);
}

/* ---- notes ---- */

/* In the log, and in a step, a note is a text that answers no question. */
const char note_kind[] = "note";

static void set_note(struct response *out, const char *text)
{
    response_clear(out);
    if (text && !utf8_is_blank(text, strlen(text)))
        values_set_text(&out->values, "", QUESTION_TEXT, text);
    out->status = out->values.count ? RESPONSE_DRAFT : RESPONSE_PENDING;
}

static void read_note(struct store *store, int64_t row, struct response *out)
{
    struct query query = query_start(store->db, "SELECT note FROM record WHERE row = ?");
    query_int(&query, row);
    char *text = query_take_text(&query);
    set_note(out, text);
    free(text);
}

static const char *note_text(const struct response *note)
{
    return note->values.count ? note->values.items[0].text : "";
}

static void write_note(struct store *store, int64_t row, const struct response *note)
{
    write_put(store, "UPDATE record SET note = nullif(?, '') WHERE row = ?",
              VALUES(TEXT(note_text(note)), INT(row)));
    record_put_flag(store, row, QUEUE_NOTED, note->values.count > 0);
}

enum status store_note_record(struct store *store, const struct id *record,
                              const char *text, const char *seen, int64_t edit,
                              bool *is_over, struct err *err)
{
    struct record_ref ref;
    struct response before = {0}, after = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    read_note(store, ref.row, &before);
    set_note(&after, text);
    bool is_unseen =
        seen && strcmp(seen, note_text(&before)) != 0 && !response_equal(&before, &after);
    if (ref.is_deleted)
        err_set(&store->fault, STATUS_REFUSED, is_deleted);
    if (!response_equal(&before, &after)) {
        const struct event event = {
            .ref = &ref, .kind = note_kind, .before = &before, .after = &after};
        write_note(store, ref.row, &after);
        event_log_step(store, &event, edit);
    }
    response_clear(&before);
    response_clear(&after);
    enum status status = write_end(store, err);
    if (is_over)
        *is_over = is_unseen && status == STATUS_OK;
    return status;
}

/* ---- undo and redo ---- */

struct step {
    int64_t number;
    int64_t record;
    const char *kind;
    struct response before;
    struct response after;
};

/* The static name that equals text: it is read after the row is gone. */
static const char *known_kind(const char *text)
{
    static const char *const others[] = {"choose",    keep_kind,   take_kind,
                                         pick_kind,   delete_kind, flag_kind,
                                         unflag_kind, again_kind,  note_kind};
    for (int kind = CHANGE_RATE; text && kind <= CHANGE_SUGGESTION; kind++)
        if (strcmp(change_kind_name((enum change_kind)kind), text) == 0)
            return change_kind_name((enum change_kind)kind);
    for (size_t i = 0; text && i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], text) == 0)
            return others[i];
    return text && strcmp(text, "pull") == 0 ? "deletion on the server" : "change";
}

static void read_step(struct store *store, struct step *step)
{
    struct query query = query_start(
        store->db, "SELECT record, kind, before, after FROM event WHERE number = ?");
    query_int(&query, step->number);
    if (query_row(&query)) {
        size_t before_len, after_len;
        char *kind = query_get_text(&query, 1, NULL);
        char *before = query_get_text(&query, 2, &before_len);
        char *after = query_get_text(&query, 3, &after_len);
        step->record = query_get_int(&query, 0);
        step->kind = known_kind(kind);
        codec_read_response(&step->before, before, before_len, &store->fault);
        codec_read_response(&step->after, after, after_len, &store->fault);
        free(kind);
        free(before);
        free(after);
    }
    query_end(&query, NULL);
}

/* Of what was aside and is written now, the server may have either one: by the base. */
static void reopen_choice(struct store *store, const struct step *step,
                          const struct record_ref *ref, const struct response *base,
                          struct response *now)
{
    if (response_equal(base, &step->after)) {
        clash_reopen(store, ref, &step->before, &step->after);
    } else if (response_equal(base, &step->before)) { /* else both were this store's */
        response_copy(now, &step->after);
        clash_reopen(store, ref, &step->after, &step->before);
    }
}

/* Between ours and theirs, of a record that is on the server. */
static bool is_choice(const struct step *step)
{
    return step->kind == keep_kind || step->kind == take_kind;
}

static const struct response *choice_ours(const struct step *step)
{
    return step->kind == keep_kind ? &step->after : &step->before;
}

static const struct response *choice_theirs(const struct step *step)
{
    return step->kind == keep_kind ? &step->before : &step->after;
}

static bool is_flag(const struct step *step)
{
    return step->kind == flag_kind || step->kind == unflag_kind;
}

/* The response, or what else it is about, is what the step had made of it. */
static bool is_in_reach(const struct step *step, const struct record_ref *ref,
                        const struct standing *standing, bool is_undo)
{
    const struct response *ours = &standing->ours;
    if (is_choice(step) && !is_undo && standing->has_theirs)
        return !ref->is_deleted && response_equal(ours, choice_ours(step)) &&
               response_equal(&standing->theirs, choice_theirs(step));
    if (step->kind == delete_kind) /* one that is sent is not brought back */
        return ref->is_deleted == is_undo && !(is_undo && ref->is_gone);
    return !ref->is_deleted &&
           (step->kind == pick_kind || step->kind == again_kind || is_flag(step) ||
            response_equal(ours, is_undo ? &step->after : &step->before));
}

static void apply_step(struct store *store, const struct step *step,
                       const struct record_ref *ref, bool is_undo,
                       struct standing *standing, const struct response *now)
{
    bool can_open = !standing->has_theirs && ref->is_remote && standing->has_base;
    if (is_choice(step) && !is_undo && standing->has_theirs)
        clash_settle(store, ref, standing, step->kind == keep_kind);
    else if (is_choice(step) && is_undo && can_open)
        clash_reopen(store, ref, choice_ours(step), choice_theirs(step));
    else if (step->kind == again_kind)
        write_run(store, "UPDATE again SET is_undone = ? WHERE event = ?",
                  NUMBERS(is_undo, step->number));
    else if (step->kind == pick_kind) {
        write_run(store, "UPDATE pick SET is_undone = ? WHERE event = ?",
                  NUMBERS(is_undo, step->number));
        record_touch(store, ref->row);
    } else if (step->kind == delete_kind && is_undo)
        record_restore(store, ref);
    else if (step->kind == delete_kind)
        record_delete(store, ref);
    else if (is_flag(step))
        record_put_flag(store, ref->row, QUEUE_FLAGGED,
                        (step->kind == flag_kind) != is_undo);
    else if (step->kind == note_kind)
        write_note(store, ref->row, now);
    else
        response_change(store, ref, now);
}

/* The response that the step leads to. */
static const struct response *step_response(const struct step *step, bool is_undo,
                                            const struct response *ours)
{
    if (step->kind == again_kind)
        return &step->after;
    if (is_flag(step) || step->kind == pick_kind || step->kind == delete_kind)
        return ours;
    if (is_choice(step) && is_undo)
        return choice_ours(step);
    return is_undo ? &step->before : &step->after;
}

/* The one that changed; where one key took over what was suggested for others, too, the
 * one that the person answered. */
static void name_question(const struct step *step, char *out, size_t size)
{
    const struct values *sides[] = {&step->before.values, &step->after.values};
    const char *names[2] = {"", ""}; /* changed, of them those that are the person's */
    size_t counts[2] = {0};
    for (size_t i = 0; i < sides[0]->count + sides[1]->count; i++) {
        bool is_after = i >= sides[0]->count;
        const struct value *value =
            &sides[is_after]->items[is_after ? i - sides[0]->count : i];
        const struct value *other = values_find(sides[!is_after], value->question);
        if (other &&
            (is_after || (value_equal(value, other) && value->own == other->own)))
            continue;
        names[0] = value->question;
        counts[0]++;
        if (value->own || (other && other->own)) {
            names[1] = value->question;
            counts[1]++;
        }
    }
    snprintf(out, size, "%s", counts[0] == 1 ? names[0] : counts[1] == 1 ? names[1] : "");
}

/* The step is taken back or brought again, wholly; false when it is out of reach, from
 * now on. */
static bool take_step(struct store *store, struct step *step, bool is_undo,
                      struct undone *undone)
{
    struct record_ref ref;
    struct standing standing = {0};
    read_step(store, step);
    ref_find_row(store, step->record, &ref);
    standing_read(store, ref.row, &standing);
    if (step->kind == note_kind) /* that is what it is about */
        read_note(store, ref.row, &standing.ours);
    bool is_again = step->kind == again_kind;
    bool is_taken = is_in_reach(step, &ref, &standing, is_undo);
    if (is_taken) {
        struct response *now = &undone->response;
        const struct response *next = step_response(step, is_undo, &standing.ours);
        response_copy(now, next);
        if (next != &standing.ours && !is_again)
            now->updated_ms = store->now_ms;
        const struct event event = {.ref = &ref,
                                    .kind = is_undo ? "undo" : "redo",
                                    .of = step->number,
                                    .before = &standing.ours,
                                    .after = is_again ? &standing.ours : now};
        event_log(store, &event);
        apply_step(store, step, &ref, is_undo, &standing, now);
        write_run(store, "UPDATE step SET is_undone = ? WHERE event = ?",
                  NUMBERS(is_undo, step->number));
        if (is_undo && step->kind && !strcmp(step->kind, "choose") && ref.is_remote &&
            standing.has_base && !standing.has_theirs)
            reopen_choice(store, step, &ref, &standing.base, now);
        undone->record = ref.id;
        undone->record_row = ref.row;
        undone->is_again = is_again;
        name_question(step, undone->question, sizeof undone->question);
        undone->what = is_choice(step) ? "choose" : step->kind ? step->kind : "";
        if (is_again)
            undone->what = now->status == RESPONSE_DISCARDED ? "discard" : "submit";
    } else {
        undone->is_sent |= is_undo && step->kind == delete_kind;
        write_run(store, "DELETE FROM step WHERE event = ?", NUMBERS(step->number));
    }
    standing_clear(&standing);
    response_clear(&step->before);
    response_clear(&step->after);
    return is_taken;
}

/* The next of the steps named batch. */
static int64_t next_of(struct store *store, int64_t dataset, int64_t batch, bool is_undo)
{
    static const char last[] =
        "SELECT event FROM step WHERE dataset = ? AND is_undone = 0"
        " AND coalesce(batch, event) = ? ORDER BY event DESC LIMIT 1";
    static const char first[] =
        "SELECT event FROM step WHERE dataset = ? AND is_undone = 1"
        " AND coalesce(batch, event) = ? ORDER BY event LIMIT 1";
    return write_find(store, is_undo ? last : first, NUMBERS(dataset, batch));
}

/* What undo or redo is about next: its step alone, or the bulk change that it is of. */
static int64_t find_batch(struct store *store, int64_t dataset, bool is_undo)
{
    static const char last[] =
        "SELECT coalesce(batch, event) FROM step WHERE dataset = ? AND is_undone = 0"
        " ORDER BY coalesce(batch, event) DESC LIMIT 1";
    static const char first[] =
        "SELECT coalesce(batch, event) FROM step WHERE dataset = ? AND is_undone = 1"
        " ORDER BY coalesce(batch, event) LIMIT 1";
    return write_find(store, is_undo ? last : first, NUMBERS(dataset));
}

enum status store_walk(struct store *store, const struct walk *walk,
                       struct undone *undone, struct err *err)
{
    int64_t dataset = walk->dataset_row, batch = walk->batch;
    bool is_undo = !walk->is_redo;
    *undone = (struct undone){.what = ""};
    write_begin(store);
    if (!dataset)
        dataset = write_find(store,
                             "SELECT dataset FROM step WHERE is_undone = 0"
                             " ORDER BY coalesce(batch, event) DESC LIMIT 1",
                             NULL, 0);
    if (!batch)
        batch = find_batch(store, dataset, is_undo);
    if (!batch && !walk->batch)
        err_set(&store->fault, STATUS_NOT_FOUND,
                "There is nothing to %s in this dataset.", is_undo ? "undo" : "redo");
    bulk_expect_free(store, batch);
    struct step step = {.number = next_of(store, dataset, batch, is_undo)};
    int64_t begun_ms = clock_mono_ms(store->clock);
    for (size_t i = 0; i < walk->most && step.number; i++) {
        ++*(take_step(store, &step, is_undo, undone) ? &undone->count : &undone->missed);
        step.number = next_of(store, dataset, batch, is_undo);
        if (walk->slice_ms && clock_mono_ms(store->clock) - begun_ms >= walk->slice_ms)
            break;
    }
    undone->batch = step.number ? batch : 0;
    if (step.number && !walk->batch)
        undone->left = (size_t)write_find(
            store, "SELECT count(*) FROM step WHERE batch = ? AND is_undone = ?",
            NUMBERS(batch, !is_undo));
    if (walk->batch || step.number)
        bulk_hold(store, batch, step.number != 0);
    enum status status = write_end(store, err);
    if (status == STATUS_OK && !walk->batch && undone->missed && !undone->count &&
        !step.number)
        status = err_set(err, STATUS_CONFLICT,
                         undone->is_sent
                             ? "The deletion has been sent: it cannot be %s. Once more "
                               "goes on with the change before."
                             : "That was changed elsewhere since, and is not %s. Once "
                               "more goes on with the change before.",
                         is_undo ? "undone" : "redone");
    if (status != STATUS_OK) {
        response_clear(&undone->response);
        *undone = (struct undone){.what = ""};
    }
    return status;
}

enum status store_undo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err)
{
    const struct walk walk = {.dataset_row = dataset_row, .most = SIZE_MAX};
    return store_walk(store, &walk, undone, err);
}
