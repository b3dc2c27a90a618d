/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const char blanks[] = " \t\r\n";

/* Copies one word without its quotes to put. Returns where the word ends in text; *quote
 * is the one that has no end, or 0. */
static const char *take_word(const char *from, char *put, char *quote)
{
    *quote = '\0';
    for (; *from && (*quote || !strchr(blanks, *from)); from++) {
        /* in "…" a backslash only keeps what would be special there */
        bool is_kept = *from == '\\' && from[1] && *quote != '\'' &&
                       (!*quote || strchr("\\\"$`", from[1]));
        if (is_kept)
            *put++ = *++from;
        else if (*from == *quote)
            *quote = '\0';
        else if (!*quote && (*from == '\'' || *from == '"'))
            *quote = *from;
        else
            *put++ = *from;
    }
    *put = '\0';
    return from;
}

char *words_quote(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./:@";
    if (*word && word[strspn(word, plain)] == '\0')
        return xstrdup(word);
    char *quoted = xmalloc(strlen(word) * 4 + 3), *put = quoted;
    *put++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            put = stpcpy(put, "'\\'");
        *put++ = *word;
    }
    *put++ = '\'';
    *put = '\0';
    return quoted;
}

char **words_split(const char *what, const char *text, size_t *count, struct err *err)
{
    size_t len = strlen(text);
    size_t most = len / 2 + 1;
    char **words = xcalloc(1, (most + 2) * sizeof *words + len + 1);
    char *put = (char *)(words + most + 2);
    size_t used = 0;
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        char quote;
        words[used++] = put;
        text = take_word(text, put, &quote);
        put += strlen(put) + 1;
        if (quote) {
            err_set(err, STATUS_CONFIG, "%s has a %c without its end.", what, quote);
            free(words);
            return NULL;
        }
    }
    if (used == 0 || !*words[0]) {
        err_set(err, STATUS_CONFIG, "%s names no command.", what);
        free(words);
        return NULL;
    }
    *count = used;
    return words;
}

bool words_has(const char *list, const char *word, size_t len)
{
    while (list && *list) {
        list += strspn(list, " ,\t");
        size_t each = strcspn(list, " ,\t");
        if (each == len && !strncmp(list, word, len))
            return true;
        list += each;
    }
    return false;
}
