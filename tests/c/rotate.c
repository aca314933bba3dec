/* A key or signature replaced on a live client: the next call uses the new one, calls of other threads end with the old or the new,
 * and a refused one leaves the old in place. */
#include "calls.h"

/* Made elsewhere from the emulator's key: administrator, time 1700000000, valid 15552000 s. */
#define SIG_OF_ADMIN                                                                                                        \
    "eNqrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwokpuZl5mcUlRYkl*UVQBcUp2YkFBZkpSlaGJgZQAJFJrSjILEoFipuamhrBRUsyc0Fi5qhqizPTgeZ7" \
    "OVdVJOa5WfiFhEQklprkahtlWJaXmadHeuVV*mUX5xpU5Br6uUaEGpmb2CrVAgBObjSn"
/* The same of another UserID. */
#define SIG_OF_ANOTHER                                                                                                      \
    "eNqrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwhWZiflZpXlQqeKU7MSCgswUJStDEwMogMikVhRkFqUCxU1NTY3goiWZuSAxc1S1xZnpQJN9yhzNU-Q9" \
    "y83Tg4vzirPLwqqcXAL8nZ1dkkr9nMtN3D3KQ5wNkjILtJ1MbJVqAa3HMfI_"
/* Within the validity of both. */
#define THEIR_TIME "{\"now\":1700000100}"

/* What the workers saw, and whether they are to stop. */
static struct {
    pthread_mutex_t lock;
    int is_over;
    int with_right_key, with_wrong_key, other;
} work = {PTHREAD_MUTEX_INITIALIZER, 0, 0, 0, 0};

/* Deletes until told to stop, and counts what came. */
static void *delete_and_count(void *client) {
    int is_over = 0;
    while (!is_over) {
        const int code = chat_del_contact_group((const chat_client *)client, USER, GROUP, NULL, NULL);
        pthread_mutex_lock(&work.lock);
        if (code == CHAT_SERVICE_GROUP_NOT_FOUND) ++work.with_right_key;
        else if (code == CHAT_SERVICE_USER_SIG_WRONG_KEY) ++work.with_wrong_key;
        else ++work.other;
        is_over = work.is_over;
        pthread_mutex_unlock(&work.lock);
    }
    return NULL;
}

/* Whether calls ended with both keys, so that the keys were swapped under calls indeed. */
static int both_keys_seen(void) {
    int both;
    pthread_mutex_lock(&work.lock);
    both = work.with_right_key > 0 && work.with_wrong_key > 0;
    pthread_mutex_unlock(&work.lock);
    return both;
}

static void threads_in_the_middle_of_calls_see_the_old_key_or_the_new_one(void) {
    chat_client *client = emulator_client();
    const long give_up_at = now_ms() + 60000;
    pthread_t workers[4];
    int i;
    reset_emulator();
    for (i = 0; i < 4; ++i) {
        if (pthread_create(&workers[i], NULL, delete_and_count, client) != 0) give_up("no thread");
    }
    for (i = 0; i < 100 || !both_keys_seen(); ++i) {
        CHECK_INT(chat_client_set_secret_key(client, i % 2 == 0 ? WRONG_KEY : KEY), CHAT_OK);
        nap_ms(3);
        if (now_ms() > give_up_at) give_up("no call ever used the other key");
    }
    pthread_mutex_lock(&work.lock);
    work.is_over = 1;
    pthread_mutex_unlock(&work.lock);
    for (i = 0; i < 4; ++i) pthread_join(workers[i], NULL);
    CHECK_INT(work.other, 0);
    CHECK_INT(chat_client_set_secret_key(client, KEY), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(threads_in_the_middle_of_calls_see_the_old_key_or_the_new_one);
    return broken_promises != 0;
}
