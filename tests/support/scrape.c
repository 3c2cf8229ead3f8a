#include "tests/support/scrape.h"

#include <string.h>

#include <zlib.h>

#include "engine/base/text.h"

void
scrape_append(struct text *out, const struct exposition *exposition,
              enum exposition_format format, int gzip)
{
    struct exposition_answer answer;
    exposition_answer(exposition, format, gzip, &answer);
    for (size_t i = 0; i < answer.n_pieces; i++) {
        text_append_bytes(out, answer.pieces[i].bytes, answer.pieces[i].size);
    }
    exposition_answer_clear(&answer);
}

bool
scrape_inflate(const struct text *from, struct text *to)
{
    z_stream stream = { .next_in = (Bytef *) from->data,
                        .avail_in = (uInt) from->length };
    int result = inflateInit2(&stream, 31);
    while (result == Z_OK) {
        unsigned char piece[16384];
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        result = inflate(&stream, Z_NO_FLUSH);
        text_append_bytes(to, piece, sizeof piece - stream.avail_out);
    }
    (void) inflateEnd(&stream);
    return result == Z_STREAM_END && !stream.avail_in;
}

bool
scrape_has(const struct text *text, const char *line)
{
    const char *at = strstr(text->data, line);
    size_t length = strlen(line);
    while (at) {
        if ((at == text->data || at[-1] == '\n') && at[length] == '\n') {
            return true;
        }
        at = strstr(at + 1, line);
    }
    return false;
}
