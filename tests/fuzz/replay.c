/* Shows a target the inputs that are named on the command line, without a fuzzer: `make test` builds it with each C target, against the
 * installed library. -DTARGET=chat_fuzz_answer names the target. Prints how many inputs it was shown. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void TARGET(const uint8_t *data, size_t size);

static int shown(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = (uint8_t *)malloc(1 << 20);
    size_t size;
    if (file == NULL || data == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    size = fread(data, 1, 1 << 20, file);
    fclose(file);
    printf("%s\n", path); /* the last one named is the one that broke something */
    fflush(stdout);
    TARGET(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv) {
    int i;
    for (i = 1; i < argc; ++i) {
        if (!shown(argv[i])) return 1;
    }
    printf("kept   %d inputs\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
