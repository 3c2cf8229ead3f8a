/* Runs a fuzzer's entry point without a fuzzing engine: over the files and
 * folders that are given, over the fuzzer's corpus (tests/fuzz/corpus/NAME
 * for fuzz_NAME), and over inputs that are made up, so that every build runs
 * the fuzzers a little. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MADE_UP = 300, MADE_UP_SIZE = 600, INPUT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replay_path(const char *path);

static size_t
replay_file(const char *path)
{
    static uint8_t input[INPUT_MAX];
    FILE *file = fopen(path, "rb");

    if (!file) {
        return 0;
    }
    size_t size = fread(input, 1, sizeof input, file);
    (void) fclose(file);
    /* From the heap, so that a read past the end is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) {
        return 0;
    }
    memcpy(copy, input, size);
    (void) LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 1;
}

static size_t
replay_folder(const char *path)
{
    size_t n = 0;
    DIR *folder = opendir(path);

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inside[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void) snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        n += replay_path(inside);
    }
    if (folder) {
        (void) closedir(folder);
    }
    return n;
}

static size_t
replay_path(const char *path)
{
    struct stat status;

    if (stat(path, &status)) {
        return 0;
    }
    return S_ISDIR(status.st_mode) ? replay_folder(path) : replay_file(path);
}

/* Inputs of a linear congruential generator: the same in every run. */
static void
replay_made_up(void)
{
    uint64_t state = 20261121;

    for (size_t i = 0; i < MADE_UP; i++) {
        size_t size = i * MADE_UP_SIZE / MADE_UP;
        uint8_t *input = malloc(size ? size : 1);
        if (!input) {
            return;
        }
        for (size_t j = 0; j < size; j++) {
            state =
                state * UINT64_C(6364136223846793005) + 1442695040888963407;
            input[j] = (uint8_t) (state >> 56);
        }
        (void) LLVMFuzzerTestOneInput(input, size);
        free(input);
    }
}

int
main(int argc, char *argv[])
{
    const char *name = strrchr(argv[0], '/');
    char corpus[512];
    size_t n = 0;

    name = name ? name + 1 : argv[0];
    name += strncmp(name, "fuzz_", 5) ? 0 : 5;
    (void) snprintf(corpus, sizeof corpus, "tests/fuzz/corpus/%s", name);
    for (int i = 1; i < argc; i++) {
        n += replay_path(argv[i]);
    }
    n += replay_path(corpus);
    replay_made_up();
    (void) printf("%s: %zu files and %d made-up inputs\n", name, n, MADE_UP);
    return 0;
}
