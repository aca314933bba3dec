/* What calls need of C beside the library. A step from Go into C costs more than what it does here, so one step, or none where workers make
 * the calls, makes the options and the lists of a call, makes the call and copies its answer. The texts of a list come one behind the
 * other, each with its NUL. */

#ifndef TENCENT_CHAT_GO_NATIVE_H
#define TENCENT_CHAT_GO_NATIVE_H

#include <string.h>
#include <tencent_chat.h>

/* What one call does differently. 0 leaves a number to the client, NULL is no token. */
typedef struct {
	uint32_t timeout_ms, attempt_timeout_ms, connect_timeout_ms, max_attempts, random;
	int has_random, has_repeat_in_doubt, repeat_in_doubt;
	chat_cancel *cancel;
} call_settings;

/* Nobody looks at the setters' results: a refusal is remembered, and the call answers with its code and message and sends nothing. */
static inline chat_call_options *options_of(const call_settings *given) {
	chat_call_options *options = chat_call_options_new();
	chat_call_options_set_timeout_ms(options, given->timeout_ms);
	if (given->attempt_timeout_ms != 0) chat_call_options_set_attempt_timeout_ms(options, given->attempt_timeout_ms);
	if (given->connect_timeout_ms != 0) chat_call_options_set_connect_timeout_ms(options, given->connect_timeout_ms);
	if (given->max_attempts != 0) chat_call_options_set_max_attempts(options, given->max_attempts);
	if (given->has_repeat_in_doubt) chat_call_options_set_repeat_in_doubt(options, given->repeat_in_doubt);
	if (given->has_random) chat_call_options_set_random(options, given->random);
	if (given->cancel != NULL) chat_call_options_set_cancel(options, given->cancel);
	return options;
}

/* An answer. Its message, body, JSON and trace are copied, in this order, into the room of its call. Where that is too small they still
 * stand in the response, which Go then frees. */
typedef struct {
	chat_outcome outcome; /* json_len is 0 where the JSON is the body itself */
	const char *trace;
	size_t trace_len;
	chat_response *response; /* NULL when everything is copied */
} call_answer;

/* What the answer in a response is; the response stays as it is. */
static inline void look_at(const chat_response *response, call_answer *answer) {
	answer->outcome = *chat_response_outcome(response);
	if (answer->outcome.json == answer->outcome.body) answer->outcome.json_len = 0;
	answer->trace = chat_response_trace(response);
	answer->trace_len = strlen(answer->trace);
	answer->response = (chat_response *)response;
}

/* An item of a list: what it has beside its texts, and how many of the optional ones follow its id. */
typedef struct {
	int kind;
	uint64_t set, clear;
	int has_first, has_second;
} list_item;

typedef struct {
	const list_item *items;
	size_t count;
	const char *texts;
} call_list;

/* A call: what goes into C with it, and what comes out. It lies in C's memory, since a worker makes the call while Go waits. What its
 * arguments point to lies in its room, as far as that goes, and so does then its answer. */
typedef struct native_call {
	void (*run)(struct native_call *);
	const chat_client *client;
	chat_items *items;
	const char *texts[4];
	int64_t numbers[6];
	call_list lists[2];
	call_settings settings;
	call_answer answer;
	int code; /* of an iteration's step */
	int wake; /* the descriptor by which a worker tells that the call has ended */
	char room[2048];
} native_call;

/* The call that this thread makes, for the attempt hook. */
extern _Thread_local native_call *tencent_chat_go_current;

static inline void make_call(native_call *call) {
	tencent_chat_go_current = call;
	call->run(call);
	tencent_chat_go_current = NULL;
}

static inline void take(chat_response *response, native_call *call) {
	const chat_outcome *outcome = &call->answer.outcome;
	char *room = call->room;
	look_at(response, &call->answer);
	if (outcome->message_len + outcome->body_len + outcome->json_len + call->answer.trace_len > sizeof call->room) return;
	memcpy(room, outcome->message, outcome->message_len);
	room += outcome->message_len;
	memcpy(room, outcome->body, outcome->body_len);
	room += outcome->body_len;
	memcpy(room, outcome->json, outcome->json_len);
	room += outcome->json_len;
	memcpy(room, call->answer.trace, call->answer.trace_len);
	chat_response_free(response);
	call->answer.response = NULL;
}

static inline const char *next_text(const char **texts) {
	const char *text = *texts;
	*texts += strlen(text) + 1;
	return text;
}

/* A list that refuses an item remembers why, and the call that it is for answers with the place and the reason and sends nothing. */
static inline chat_contacts *chat_contacts_of(call_list given, int *code) {
	chat_contacts *list = chat_contacts_new();
	for (size_t i = 0; i < given.count && *code == CHAT_OK; i++) *code = chat_contacts_add(list, given.items[i].kind, next_text(&given.texts));
	return list;
}

static inline chat_marks *chat_marks_of(call_list given, int *code) {
	chat_marks *list = chat_marks_new();
	for (size_t i = 0; i < given.count && *code == CHAT_OK; i++) {
		const char *id = next_text(&given.texts);
		const char *custom = given.items[i].has_first ? next_text(&given.texts) : NULL;
		*code = chat_marks_add(list, given.items[i].kind, id, given.items[i].set, given.items[i].clear, custom);
	}
	return list;
}

static inline chat_accounts *chat_accounts_of(call_list given, int *code) {
	chat_accounts *list = chat_accounts_new();
	for (size_t i = 0; i < given.count && *code == CHAT_OK; i++) {
		const char *id = next_text(&given.texts);
		const char *nick = given.items[i].has_first ? next_text(&given.texts) : NULL;
		const char *face = given.items[i].has_second ? next_text(&given.texts) : NULL;
		*code = chat_accounts_add(list, id, nick, face);
	}
	return list;
}

#endif
