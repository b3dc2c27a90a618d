/* SPDX-License-Identifier: MIT
 *
 * Whom a run asks, and what its records are called.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/batch_parts.h"
#include "base/xalloc.h"

/* ---- lanes ---- */

const struct price *batch_price(const struct endpoint *endpoint, const char *model)
{
    const struct price *general = NULL;
    for (size_t i = 0; i < endpoint->price_count; i++) {
        const struct price *price = &endpoint->prices[i];
        if (price->model && model && !strcmp(price->model, model))
            return price;
        if (!price->model)
            general = price;
    }
    return general;
}

static struct batch_lane *lane_of(struct batch_lane *lanes, size_t *count,
                                  const struct endpoint *endpoint)
{
    for (size_t i = 0; i < *count; i++)
        if (!strcmp(lanes[i].endpoint.name, endpoint->name))
            return &lanes[i];
    struct batch_lane *lane = &lanes[(*count)++];
    endpoint_copy(&lane->endpoint, endpoint);
    return lane;
}

static void add_target(struct app *app, struct batch_lane *lane, const char *model,
                       const struct sampling *given, size_t number)
{
    bool is_ours = app->endpoint.name && !strcmp(lane->endpoint.name, app->endpoint.name);
    lane->targets =
        xreallocarray(lane->targets, lane->target_count + 1, sizeof *lane->targets);
    struct batch_target *target = &lane->targets[lane->target_count++];
    *target = (struct batch_target){.number = number};
    if (given)
        sampling_copy(&target->sampling, given);
    sampling_fill(&target->sampling,
                  is_ours ? &app->session.sampling : &app->settings->sampling);
    if (!is_ours)
        sampling_fill(&target->sampling, &lane->endpoint.defaults);
    if (model)
        setting_text(&target->sampling.model, model);
}

enum status lanes_new(struct app *app, const struct batch_options *options,
                      struct batch_lane **out, size_t *count, struct err *err)
{
    static const struct ask_target ours;
    size_t target_count = options->target_count ? options->target_count : 1;
    struct batch_lane *lanes = xcalloc(target_count, sizeof *lanes);
    struct err why = {0};
    *count = 0;
    for (size_t i = 0; i < target_count && !why.code; i++) {
        const struct ask_target *target =
            options->target_count ? &options->targets[i] : &ours;
        struct endpoint endpoint = {0};
        if (complete_endpoint(app, target->endpoint, &endpoint, &why) == STATUS_OK)
            add_target(app, lane_of(lanes, count, &endpoint), target->model,
                       options->sampling, i);
        endpoint_clear(&endpoint);
    }
    bool has_prices = true;
    for (size_t i = 0; i < *count; i++)
        for (size_t j = 0; j < lanes[i].target_count; j++) {
            const struct endpoint *endpoint = &lanes[i].endpoint;
            const char *model = lanes[i].targets[j].sampling.model;
            /* which one an endpoint takes by itself is known with its first answer */
            has_prices = has_prices && (model ? batch_price(endpoint, model) != NULL
                                              : endpoint->price_count > 0);
        }
    if (!why.code && options->max_cost > 0 && !has_prices)
        err_set(&why, STATUS_CONFIG,
                "--max-cost needs the price of each model: \"price = MODEL IN OUT\", for "
                "a million tokens, in its [endpoint] of the configuration file.");
    if (!why.code) {
        *out = lanes;
        return STATUS_OK;
    }
    lanes_free(lanes, *count);
    return err_set(err, why.code, "%s", why.text);
}

void lanes_free(struct batch_lane *lanes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lanes[i].target_count; j++)
            sampling_clear(&lanes[i].targets[j].sampling);
        free(lanes[i].targets);
        rows_clear(&lanes[i].rows);
        endpoint_clear(&lanes[i].endpoint);
    }
    free(lanes);
}

/* ---- ids ---- */

struct id batch_space(struct app *app)
{
    /* "sherd batch" as a name space; never changes, or runs would be repeated */
    static const struct id name_space = {{0x5b, 0x1e, 0x2d, 0x70, 0x84, 0x0a, 0x4c, 0x51,
                                          0x9f, 0x37, 0x2b, 0x66, 0x8c, 0x05, 0xd1,
                                          0xe9}};
    /* the store's own id keeps two people with the same file apart */
    const struct id *store = store_id(app->store);
    struct id space;
    id_by_name(&space, &name_space, (const char *)store->bytes, sizeof store->bytes);
    return space;
}

static void add_part(struct buf *name, const char *text)
{
    buf_add(name, text ? text : "", (text ? strlen(text) : 0) + 1);
}

/* What tells datasets of one name apart, tried in this order. The name alone comes first:
 * a dataset keeps its ids when it goes to a server. The last are what it was before the
 * server had told its id and workspace, and before there was one. */
enum { BY_NAME, BY_ID, BY_WORKSPACE, BY_SERVER, BY_STORE, WAYS };

static void add_dataset(struct buf *name, const struct dataset *dataset, int way)
{
    add_part(name, dataset->name);
    if (way == BY_ID)
        add_part(name, dataset->remote_id);
    if (way > BY_ID) {
        add_part(name, way == BY_STORE ? "" : dataset->server);
        add_part(name, way == BY_WORKSPACE ? dataset->workspace
                       : way == BY_STORE   ? "local"
                                           : "");
    }
}

static void add_asked(struct buf *name, const struct batch_names *names,
                      const struct rows *rows, const struct batch_lane *lane,
                      const struct batch_target *target, int sample)
{
    const struct sampling *sampling = &target->sampling;
    const struct endpoint *endpoint = &lane->endpoint;
    const char *address = endpoint->base_url ? endpoint->base_url : endpoint->name;
    buf_add(name, rows->prompt, rows->len);
    buf_add_byte(name, '\0');
    add_part(name, sampling->model ? sampling->model : endpoint->base_url);
    if (endpoint->kind != ENDPOINT_OPENAI_CHAT) /* as what a model is asked matters */
        add_part(name, endpoint_kind_name(endpoint->kind));
    add_part(name, sampling->system_prompt);
    if (names->has_lanes)
        add_part(name, address);
    if (names->steps && *names->steps)
        add_part(name, names->steps);
    if (names->app->session.agent) {
        add_part(name, "agent");
        add_part(name, names->app->session.agent);
    }
    if (sampling->has_temperature)
        /* in thousandths, so that no locale and no rounding of printf matters */
        buf_addf(name, "t%lld", (long long)(sampling->temperature * 1000 + 0.5));
    if (sampling->has_seed)
        buf_addf(name, "s%lld", (long long)sampling->seed);
    buf_addf(name, "m%lld#%d", (long long)sampling->max_tokens, sample);
    if (rows->twin)
        buf_addf(name, "+%zu", rows->twin);
}

/* Another run may have made it since, and be asking its prompts: 0 is not its row then.
 */
static int64_t dataset_row(const struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    struct dataset made = {0};
    if (!dataset->row)
        store_find_dataset(app->store, dataset->server, dataset->workspace, dataset->name,
                           &made, NULL);
    int64_t row = dataset->row ? dataset->row : made.row;
    dataset_clear(&made);
    return row;
}

bool batch_find(const struct batch_names *names, const struct rows *rows,
                const struct batch_lane *lane, const struct batch_target *target,
                int sample, struct id *id, struct record *record)
{
    const struct dataset *dataset = &names->app->session.dataset;
    int64_t row = dataset_row(names->app);
    bool is_chosen = false;
    struct buf name = {0};
    for (int way = 0; way < WAYS; way++) {
        struct id made;
        if (way == BY_ID && !dataset->remote_id)
            continue;
        buf_reset(&name);
        add_part(&name, names->key);
        add_dataset(&name, dataset, way);
        add_asked(&name, names, rows, lane, target, sample);
        id_by_name(&made, &names->space, name.data, name.len);
        bool is_taken =
            store_get_record(names->app->store, &made, record, NULL) == STATUS_OK;
        if (!is_chosen)
            *id = made;
        is_chosen = is_chosen || !is_taken;
        if (is_taken && record->dataset_row == row) {
            *id = made;
            break;
        }
        if (is_taken)
            record_clear(record);
    }
    buf_clear(&name);
    return record->row != 0;
}
