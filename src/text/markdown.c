/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/markdown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include "base/xalloc.h"

#define BULLET "\xE2\x80\xA2 "
#define INNER_BULLET "\xE2\x97\xA6 "
#define DASH "\xE2\x94\x80"
#define CODE_INDENT 2
#define ABORT 1 /* the parser stops; the section is shown raw */

struct list {
    bool is_ordered, is_tight;
    bool has_item;
    char delimiter;
    unsigned number;
};

struct markdown {
    struct page page;
    struct rich text; /* the paragraph, heading or code being collected */
    struct table table;
    bool is_cell;    /* text goes to the table */
    bool is_markers; /* text holds only the markers of items without an indent */
    int strong, emphasis, code, link, deleted, heading, quote, head;
    struct list *list;
    size_t list_count, list_capacity;
    size_t *link_start; /* where the text of each open link starts */
    size_t link_count, link_capacity;
    struct mdsource source;
    size_t start; /* of the section in the whole text */
};

static struct rich *target(struct markdown *md)
{
    return md->is_cell ? &md->table.text : &md->text;
}

static enum style current_style(const struct markdown *md)
{
    const struct {
        int depth;
        enum style style;
    } order[] = {
        {md->code, STYLE_CODE},         {md->link, STYLE_LINK},
        {md->heading, STYLE_HEADING},   {md->strong + md->head, STYLE_STRONG},
        {md->emphasis, STYLE_EMPHASIS}, {md->deleted, STYLE_DIM},
        {md->quote, STYLE_QUOTE},
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (order[i].depth > 0)
            return order[i].style;
    }
    return STYLE_TEXT;
}

static size_t place_of(const struct markdown *md, const char *text)
{
    size_t at = mdsource_find(&md->source, text);
    return at == SIZE_MAX ? RICH_NONE : md->start + at;
}

/* Adds what came from the source. Pieces that run over a byte which was not taken over as
 * it is are not in one place of it. */
static void add(struct markdown *md, const char *text, size_t len, enum style style)
{
    mdsource_feed(&md->source, text, len);
    md->is_markers = false;
    while (len > 0) {
        size_t place = place_of(md, text);
        size_t part = 0;
        while (part < len && text[part] != MDSOURCE_GUARD &&
               (place == RICH_NONE || place_of(md, text + part) == place + part))
            part++;
        rich_add_from(target(md), text, part, style, place);
        part += part < len && text[part] == MDSOURCE_GUARD;
        text += part;
        len -= part;
    }
}

static void add_entity(struct markdown *md, const char *text, size_t len,
                       enum style style)
{
    char bytes[ENTITY_MAX];
    size_t count = entity_decode(text, len, bytes);
    if (count == 0) {
        add(md, text, len, style);
        return;
    }
    mdsource_feed(&md->source, text, len);
    rich_add_from(target(md), bytes, count, style, place_of(md, text));
}

static void add_attribute(struct markdown *md, const MD_ATTRIBUTE *attribute)
{
    for (size_t i = 0; attribute->text && attribute->substr_offsets[i] < attribute->size;
         i++) {
        MD_OFFSET start = attribute->substr_offsets[i];
        size_t len = attribute->substr_offsets[i + 1] - start;
        if (attribute->substr_types[i] == MD_TEXT_ENTITY)
            add_entity(md, attribute->text + start, len, STYLE_DIM);
        else
            add(md, attribute->text + start, len, STYLE_DIM);
    }
}

/* Writes what has been collected. */
static void flush(struct markdown *md)
{
    page_write(&md->page, &md->text, false);
    rich_cut(&md->text, 0);
    md->is_markers = false;
}

/* The same, but the markers of nested items stay on one line. */
static void flush_before_item(struct markdown *md)
{
    if (!md->is_markers)
        flush(md);
}

static void push_list(struct markdown *md, struct list list)
{
    flush_before_item(md);
    md->list = xgrow(md->list, md->list_count, &md->list_capacity, sizeof *md->list);
    md->list[md->list_count++] = list;
}

static void enter_item(struct markdown *md, const MD_BLOCK_LI_DETAIL *item)
{
    char marker[PAGE_MARKER];
    struct list *list = &md->list[md->list_count - 1];
    flush_before_item(md);
    if (list->is_tight && list->has_item)
        md->page.has_gap = false;
    list->has_item = true;
    if (list->is_ordered)
        snprintf(marker, PAGE_MARKER, "%u%c ", list->number++, list->delimiter);
    else
        snprintf(marker, PAGE_MARKER, "%s", md->list_count % 2 ? BULLET : INNER_BULLET);
    if (item->is_task) {
        size_t used = strlen(marker);
        mdsource_feed(&md->source, &item->task_mark, 1);
        snprintf(marker + used, PAGE_MARKER - used, "[%c] ", item->task_mark);
    }
    if (!page_open_item(&md->page, marker)) {
        md->is_markers = md->is_markers || md->text.text.len == 0;
        rich_add_text(&md->text, marker, STYLE_DIM);
    }
}

static void write_rule(struct markdown *md)
{
    flush(md);
    page_begin(&md->page);
    for (int i = page_room(&md->page); i > 0; i--)
        rich_add_text(&md->page.lines->rich, DASH, STYLE_RULE);
    md->page.has_gap = true;
}

static void enter_heading(struct markdown *md, const MD_BLOCK_H_DETAIL *heading)
{
    flush(md);
    md->heading++;
    for (unsigned i = 0; i < heading->level && heading->level > 1; i++)
        rich_add_text(&md->text, i + 1 < heading->level ? "#" : "# ", STYLE_DIM);
}

static void enter_code(struct markdown *md, const MD_BLOCK_CODE_DETAIL *code)
{
    flush(md);
    add_attribute(md, &code->info);
    flush(md);
    page_open_indent(&md->page, CODE_INDENT);
    md->code++;
}

static void enter_cell(struct markdown *md, const MD_BLOCK_TD_DETAIL *cell)
{
    enum table_align align = TABLE_LEFT;
    if (cell->align == MD_ALIGN_CENTER)
        align = TABLE_CENTRE;
    else if (cell->align == MD_ALIGN_RIGHT)
        align = TABLE_RIGHT;
    table_cell_begin(&md->table, align);
    md->is_cell = true;
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct markdown *md = ctx;
    const MD_BLOCK_UL_DETAIL *bullets = detail;
    const MD_BLOCK_OL_DETAIL *numbers = detail;
    const MD_BLOCK_TABLE_DETAIL *table = detail;
    switch (type) {
    case MD_BLOCK_QUOTE:
        flush(md);
        page_open_quote(&md->page);
        md->quote++;
        return 0;
    case MD_BLOCK_UL:
        push_list(md, (struct list){.is_tight = bullets->is_tight});
        return 0;
    case MD_BLOCK_OL:
        push_list(md, (struct list){.is_ordered = true,
                                    .is_tight = numbers->is_tight,
                                    .delimiter = numbers->mark_delimiter,
                                    .number = numbers->start});
        return 0;
    case MD_BLOCK_LI:
        enter_item(md, detail);
        return 0;
    case MD_BLOCK_HR:
        write_rule(md);
        return 0;
    case MD_BLOCK_H:
        enter_heading(md, detail);
        return 0;
    case MD_BLOCK_CODE:
        enter_code(md, detail);
        return 0;
    case MD_BLOCK_TABLE:
        flush(md);
        return table_begin(&md->table, table->col_count,
                           (size_t)table->head_row_count + table->body_row_count)
                   ? 0
                   : ABORT;
    case MD_BLOCK_THEAD:
        md->head++;
        return 0;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        enter_cell(md, detail);
        return 0;
    default:
        return 0;
    }
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct markdown *md = ctx;
    (void)detail;
    switch (type) {
    case MD_BLOCK_QUOTE:
        flush(md);
        page_close(&md->page);
        md->quote--;
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        flush(md);
        md->list_count--;
        md->page.has_gap = md->list_count == 0 || !md->list[md->list_count - 1].is_tight;
        return 0;
    case MD_BLOCK_LI:
        flush(md);
        page_close(&md->page);
        return 0;
    case MD_BLOCK_H:
    case MD_BLOCK_P:
        flush(md);
        md->heading -= type == MD_BLOCK_H;
        break;
    case MD_BLOCK_CODE:
        page_write(&md->page, &md->text, true);
        rich_cut(&md->text, 0);
        page_close(&md->page);
        md->code--;
        break;
    case MD_BLOCK_TABLE:
        table_write(&md->table, &md->page);
        break;
    case MD_BLOCK_THEAD:
        md->head--;
        return 0;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        table_cell_end(&md->table);
        md->is_cell = false;
        return 0;
    default:
        return 0;
    }
    md->page.has_gap = true;
    return 0;
}

/* Whether the link's text says where it leads, as in <a@b.example>. */
static bool says_target(const char *text, size_t len, const MD_ATTRIBUTE *href)
{
    static const char *const schemes[] = {"", "mailto:", "http://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t scheme = strlen(schemes[i]);
        if (href->size == scheme + len && memcmp(href->text, schemes[i], scheme) == 0 &&
            memcmp(href->text + scheme, text, len) == 0)
            return true;
    }
    return false;
}

static void close_link(struct markdown *md, const MD_ATTRIBUTE *href,
                       const MD_ATTRIBUTE *title)
{
    struct rich *out = target(md);
    size_t start = md->link_start[--md->link_count];
    md->link--;
    bool is_known = href->size == 0 ||
                    (out->text.len > start &&
                     says_target(out->text.data + start, out->text.len - start, href));
    if (is_known && title->size == 0) {
        mdsource_feed(&md->source, href->text, href->size);
        return;
    }
    rich_add_text(out, " (", STYLE_DIM);
    add_attribute(md, href);
    if (title->size > 0) {
        rich_add_text(out, " \"", STYLE_DIM);
        add_attribute(md, title);
        rich_add_text(out, "\"", STYLE_DIM);
    }
    rich_add_text(out, ")", STYLE_DIM);
}

static void mark_deleted(struct markdown *md, int change)
{
    md->deleted += change;
    rich_add_text(target(md), "~~", STYLE_DIM);
}

static int *span_depth(struct markdown *md, MD_SPANTYPE type)
{
    if (type == MD_SPAN_STRONG)
        return &md->strong;
    return type == MD_SPAN_EM ? &md->emphasis : &md->code;
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    (void)detail;
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
        struct markdown *md = ctx;
        md->link_start = xgrow(md->link_start, md->link_count, &md->link_capacity,
                               sizeof *md->link_start);
        md->link_start[md->link_count++] = target(md)->text.len;
        md->link++;
    } else if (type == MD_SPAN_DEL) {
        mark_deleted(ctx, 1);
    } else {
        ++*span_depth(ctx, type);
    }
    return 0;
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    const MD_SPAN_A_DETAIL *link = detail;
    const MD_SPAN_IMG_DETAIL *image = detail;
    if (type == MD_SPAN_A)
        close_link(ctx, &link->href, &link->title);
    else if (type == MD_SPAN_IMG)
        close_link(ctx, &image->src, &image->title);
    else if (type == MD_SPAN_DEL)
        mark_deleted(ctx, -1);
    else
        --*span_depth(ctx, type);
    return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
    struct markdown *md = ctx;
    enum style style = current_style(md);
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR)
        rich_add_text(target(md), "\n", style);
    else if (type == MD_TEXT_ENTITY)
        add_entity(md, text, size, style);
    else
        add(md, text, size, style);
    return 0;
}

static bool parse(struct markdown *md)
{
    static const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    const struct buf *text = &md->source.text;
    return md_parse(buf_text(text), (MD_SIZE)text->len, &parser, md) == 0 &&
           md->source.at == text->len; /* every letter has been handed out */
}

void markdown_render(const char *text, size_t start, size_t end, int columns,
                     struct lines *lines)
{
    size_t old_count = lines->count;
    size_t old_len = lines->rich.text.len;
    struct markdown md = {.start = start};
    mdsource_init(&md.source, text + start, end - start);
    page_init(&md.page, lines, columns);
    md.page.has_gap = old_count > 0;
    if (!parse(&md)) {
        lines_cut(lines, old_count, old_len);
        page_clear(&md.page);
        page_init(&md.page, lines, columns);
        md.page.has_gap = old_count > 0;
        page_write_plain(&md.page, text + start, end - start, start);
    }
    page_clear(&md.page);
    rich_clear(&md.text);
    table_clear(&md.table);
    free(md.list);
    free(md.link_start);
    mdsource_clear(&md.source);
}
