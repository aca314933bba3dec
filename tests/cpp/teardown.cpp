// Calls in destructors that run when their thread, or the program, is about to end: of thread_locals, of pthread keys, of statics. What a
// static's destructor does is written down by the very last one, since main is over then.
#include "settings.hpp"

#include <pthread.h>

#include <cstdlib>
#include <memory>
#include <thread>

namespace chat = tencent_chat;

static std::unique_ptr<chat::Client> shared;

// 51009 where everything is as ever.
static int delete_now(const chat::Client &client) {
  chat_response *response = nullptr;
  const int code = chat_del_contact_group(client.handle(), USER, GROUP, nullptr, &response);
  const bool in_doubt = chat_response_is_in_doubt(response) != 0;
  chat_response_free(response);
  return in_doubt ? -1000 : code;
}

// Makes a call, a client and a second call where it is destroyed.
struct Caller {
  int *own_call = nullptr;
  int *call_of_new_client = nullptr;
  Caller() = default;
  Caller(const Caller &) = delete;
  Caller &operator=(const Caller &) = delete;
  ~Caller() {
    if (own_call == nullptr) return;
    *own_call = delete_now(*shared);
    *call_of_new_client = delete_now(chat::Client(settings()));
  }
};

static thread_local Caller last_of_its_thread;
static int own_call, call_of_new_client;

static void begin() {
  reset_emulator();
  shared = std::make_unique<chat::Client>(settings());
  own_call = call_of_new_client = 0;
}

static void calls_were_answered() {
  CHECK_INT(own_call, CHAT_SERVICE_GROUP_NOT_FOUND);
  CHECK_INT(call_of_new_client, CHAT_SERVICE_GROUP_NOT_FOUND);
}

static void announce() {
  last_of_its_thread.own_call = &own_call;
  last_of_its_thread.call_of_new_client = &call_of_new_client;
}

static void a_thread_local_made_before_the_first_call_makes_calls() {
  begin();
  std::thread([] { announce(); CHECK_INT(delete_now(*shared), CHAT_SERVICE_GROUP_NOT_FOUND); }).join();
  calls_were_answered();
}

static void a_thread_local_made_after_the_first_call_makes_calls() {
  begin();
  std::thread([] { CHECK_INT(delete_now(*shared), CHAT_SERVICE_GROUP_NOT_FOUND); announce(); }).join();
  calls_were_answered();
}

static void a_thread_local_of_a_thread_that_made_no_call_makes_calls() {
  begin();
  std::thread(announce).join();
  calls_were_answered();
}

extern "C" void call_for_key(void *) {
  own_call = delete_now(*shared);
  call_of_new_client = delete_now(chat::Client(settings()));
}

static void a_pthread_key_makes_calls() {
  begin();
  pthread_key_t key;
  CHECK_INT(pthread_key_create(&key, call_for_key), 0);
  std::thread([key] {
    CHECK_INT(delete_now(*shared), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(pthread_setspecific(key, &own_call), 0);
  }).join();
  calls_were_answered();
  CHECK_INT(pthread_key_delete(key), 0);
}

// Destroyed after main, first the client's last caller, then the judge; `_Exit` is the only way left to tell.
static struct Judge {
  Judge() = default;
  Judge(const Judge &) = delete;
  Judge &operator=(const Judge &) = delete;
  ~Judge() {
    if (shared == nullptr) return;
    keep("a_static_makes_calls", calls_were_answered);
    shared.reset();
    if (broken_promises != 0) std::_Exit(1);
  }
} judge;
static Caller last_of_the_program;

int main(int argc, char **argv) {
  find_emulator(argc, argv);
  KEEP(a_thread_local_made_before_the_first_call_makes_calls);
  KEEP(a_thread_local_made_after_the_first_call_makes_calls);
  KEEP(a_thread_local_of_a_thread_that_made_no_call_makes_calls);
  KEEP(a_pthread_key_makes_calls);
  begin();
  CHECK_INT(delete_now(*shared), CHAT_SERVICE_GROUP_NOT_FOUND);
  last_of_the_program.own_call = &own_call;
  last_of_the_program.call_of_new_client = &call_of_new_client;
  return broken_promises != 0;
}
