/* One caller of the soak: it draws what to do, with which limits, on which of the seats, does it, checks that the answer is about its own
 * call, and enters it in the ledger. A caller's groups are its own, so that the service's state can be foretold from the ledger alone. */
#ifndef DEEDS_H
#define DEEDS_H

#include "conversations.h"
#include "seats.h"

enum { NAMES = 12 }; /* of the 20 groups that a user may have */

struct caller {
    char user[24];
    uint64_t random;
    char names[NAMES][32]; /* groups that may exist; "" is a free place */
    pthread_mutex_t lock;  /* of what another thread may trigger: */
    chat_cancel *cancel;
    int is_triggered;
    struct seat *seats;
    int number_of_seats;
    pthread_t thread;
};

/* Shared by all threads; a child goes on from a range of its own. */
static uint32_t last_id;
static int crossed; /* answers that were about another call */
static long longest_overrun_ms;

static inline uint32_t draw(uint64_t *random, uint32_t below) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random >> 33) % below;
}

static inline void begin_caller(struct caller *caller, const char *user, uint64_t random, struct seat *seats, int number_of_seats) {
    memset(caller, 0, sizeof *caller);
    snprintf(caller->user, sizeof caller->user, "%s", user);
    caller->random = random * 2 + 1;
    caller->seats = seats;
    caller->number_of_seats = number_of_seats;
    pthread_mutex_init(&caller->lock, NULL);
    caller->cancel = chat_cancel_new();
}

static inline void end_caller(struct caller *caller) {
    chat_cancel_free(caller->cancel);
    caller->cancel = NULL;
    pthread_mutex_destroy(&caller->lock);
}

/* Ends what the caller does now, if it carries its token. */
static inline void cancel_caller(struct caller *caller) {
    pthread_mutex_lock(&caller->lock);
    chat_cancel_trigger(caller->cancel);
    caller->is_triggered = 1;
    pthread_mutex_unlock(&caller->lock);
}

static inline void renew_token(struct caller *caller) {
    pthread_mutex_lock(&caller->lock);
    if (caller->is_triggered) {
        chat_cancel_free(caller->cancel);
        caller->cancel = chat_cancel_new();
        caller->is_triggered = 0;
    }
    pthread_mutex_unlock(&caller->lock);
}

/* Asks to stop at its fifth question. */
static int stop_soon(void *asked) { return ++*(int *)asked >= 5; }

struct limits {
    chat_call_options *options;
    long deadline_ms;
    int asked;
};

static inline void draw_limits(struct caller *caller, uint32_t id, struct limits *limits) {
    chat_call_options *options = chat_call_options_new();
    limits->deadline_ms = 100 + (long)draw(&caller->random, 2000);
    limits->asked = 0;
    limits->options = options;
    chat_call_options_set_random(options, id);
    chat_call_options_set_timeout_ms(options, (uint32_t)limits->deadline_ms);
    chat_call_options_set_attempt_timeout_ms(options, 50 + draw(&caller->random, 800));
    if (draw(&caller->random, 8) == 0) chat_call_options_set_connect_timeout_ms(options, 20 + draw(&caller->random, 200));
    if (draw(&caller->random, 8) == 0) chat_call_options_set_max_attempts(options, 1 + draw(&caller->random, 5));
    if (draw(&caller->random, 16) == 0) chat_call_options_set_repeat_in_doubt(options, (int)draw(&caller->random, 2));
    if (draw(&caller->random, 2) == 0) chat_call_options_set_cancel(options, caller->cancel);
    if (draw(&caller->random, 32) == 0) chat_call_options_set_interrupt(options, stop_soon, &limits->asked);
}

/* A place in the caller's list of groups that is taken (1) or free (0); -1 when there is none. */
static inline int place_in(struct caller *caller, int is_taken) {
    const int from = (int)draw(&caller->random, NAMES);
    int i;
    for (i = 0; i < NAMES; ++i) {
        const int at = (from + i) % NAMES;
        if ((caller->names[at][0] != '\0') == is_taken) return at;
    }
    return -1;
}

/* Creates, renames, changes and deletes groups: what leaves its mark on the service. */
static inline int change_groups(struct caller *caller, const chat_client *client, struct deed *deed, const chat_call_options *options,
                                chat_response **response) {
    const uint32_t kind = draw(&caller->random, 4);
    const int free_place = place_in(caller, 0), at = place_in(caller, 1);
    int code;
    if (at < 0 || (kind == 0 && free_place >= 0)) {
        deed->did = "create";
        snprintf(deed->name, sizeof deed->name, "g%lu", (unsigned long)deed->id);
        strcpy(caller->names[free_place], deed->name);
        return chat_create_contact_group(client, caller->user, deed->name, NULL, options, response);
    }
    deed->did = "delete";
    strcpy(deed->name, caller->names[at]);
    if (kind == 1) {
        deed->did = "rename";
        snprintf(deed->to, sizeof deed->to, "h%lu", (unsigned long)deed->id);
        code = chat_update_contact_group_name(client, caller->user, deed->name, deed->to, options, response);
        if (code == CHAT_OK) strcpy(caller->names[at], deed->to);
        else if (chat_response_is_in_doubt(*response) && free_place >= 0) strcpy(caller->names[free_place], deed->to);
        return code;
    }
    if (kind == 2) {
        chat_contacts *contacts = peer_and_room();
        deed->did = "change";
        code = chat_update_contact_group_contacts(client, caller->user, deed->name, contacts, NULL, options, response);
        chat_contacts_free(contacts);
        return code;
    }
    code = chat_del_contact_group(client, caller->user, deed->name, options, response);
    if (code == CHAT_OK || code == CHAT_SERVICE_GROUP_NOT_FOUND) caller->names[at][0] = '\0';
    return code;
}

static inline int read_something(struct caller *caller, const chat_client *client, struct deed *deed, const chat_call_options *options,
                                 chat_response **response) {
    static const char first_page[] = "{\"From_Account\":\"" USER "\",\"StartIndex\":0}";
    chat_contacts *contacts;
    int code;
    switch (draw(&caller->random, 4)) {
    case 0:
        deed->did = "search";
        contacts = peer_and_room();
        code = chat_search_contact_group(client, caller->user, contacts, options, response);
        chat_contacts_free(contacts);
        return code;
    case 1:
        deed->did = "list";
        return chat_recent_contact_get_list(client, caller->user, 0, 0, 0, 0, CHAT_ASSIST_FLAGS, options, response);
    case 2:
        deed->did = "generic";
        return chat_call(client, GET_PATH, first_page, strlen(first_page), options, response);
    default:
        deed->did = "get";
        return chat_get_contact_group(client, caller->user, 0, options, response);
    }
}

static inline int change_something_else(struct caller *caller, const chat_client *client, struct deed *deed,
                                        const chat_call_options *options, chat_response **response) {
    chat_marks *marks;
    chat_accounts *accounts;
    int code;
    switch (draw(&caller->random, 5)) {
    case 0:
        deed->did = "mark";
        marks = marks_of(3);
        code = chat_mark_contact(client, caller->user, marks, options, response);
        chat_marks_free(marks);
        return code;
    case 1:
        deed->did = "shorten";
        return chat_recent_contact_delete(client, caller->user, CHAT_ONE_TO_ONE, PEER, 0, options, response);
    case 2:
        deed->did = "import";
        return chat_account_import(client, caller->user, "nick", NULL, options, response);
    case 3:
        deed->did = "check";
        accounts = account(caller->user);
        code = chat_account_check(client, accounts, options, response);
        chat_accounts_free(accounts);
        return code;
    default:
        deed->did = "refused";
        return chat_del_contact_group(client, caller->user, "", options, response);
    }
}

/* A success that names a group names this call's, and every answer comes to the request that was made. */
static inline int is_own(const struct deed *deed, const chat_response *response) {
    static const struct {
        const char *did, *pointer;
    } named[] = {{"create", "/GroupResultItem/0/GroupItem/GroupName"}, {"delete", "/GroupItem/0/GroupName"},
                 {"rename", "/UpdateGroupResult/GroupName"}, {"change", "/UpdateGroupResult/GroupName"}};
    const char *expected = strcmp(deed->did, "rename") == 0 ? deed->to : deed->name;
    size_t i;
    if (chat_response_attempts(response) > 0 && chat_response_random(response) != deed->id) return 0;
    if (chat_response_code(response) != CHAT_OK) return 1;
    for (i = 0; i < sizeof named / sizeof *named; ++i) {
        if (strcmp(named[i].did, deed->did) == 0 && chat_response_has(response, named[i].pointer)) {
            return strcmp(chat_response_str(response, named[i].pointer, NULL), expected) == 0;
        }
    }
    return 1;
}

static inline void note_time(long overrun_ms) {
    long known = __atomic_load_n(&longest_overrun_ms, __ATOMIC_RELAXED);
    while (overrun_ms > known) {
        if (__atomic_compare_exchange_n(&longest_overrun_ms, &known, overrun_ms, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) break;
    }
}

/* One call from the draw to the ledger. */
static inline void do_something(struct caller *caller) {
    struct seat *seat = &caller->seats[draw(&caller->random, (uint32_t)caller->number_of_seats)];
    const chat_client *client = take(seat);
    const uint32_t kind = draw(&caller->random, 8);
    chat_response *response = NULL;
    struct deed deed;
    struct limits limits;
    long began;
    int code;
    if (client == NULL) return;
    memset(&deed, 0, sizeof deed);
    deed.id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    strcpy(deed.user, caller->user);
    draw_limits(caller, deed.id, &limits);
    began = now_ms();
    if (kind < 5) code = change_groups(caller, client, &deed, limits.options, &response);
    else if (kind < 7) code = read_something(caller, client, &deed, limits.options, &response);
    else code = change_something_else(caller, client, &deed, limits.options, &response);
    note_time(now_ms() - began - limits.deadline_ms);
    if (response == NULL || chat_response_code(response) != code) give_up("a call leaves no response, or another code than its own");
    if (!is_own(&deed, response)) __atomic_add_fetch(&crossed, 1, __ATOMIC_RELAXED);
    leave(seat, response);
    enter_in_ledger(&deed, response);
    chat_response_free(response);
    chat_call_options_free(limits.options);
    renew_token(caller);
}

#endif
